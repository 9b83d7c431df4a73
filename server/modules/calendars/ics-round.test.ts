import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import test from 'node:test'
import ICAL from 'ical.js'
import { openHouse } from '../../../test/support.ts'
import { calendarOf, eventOf, exported, imported, importFile, newCalendar, withoutStamps } from './ics.fixture.ts'
import { readFile } from './ics/file.ts'

/** Files of our own making, as Outlook, Google and Apple write them, and broken ones; where they are, files of real programs besides. */
const folders = [new URL('ics/samples/', import.meta.url), new URL('../../../../shared/data/ics/', import.meta.url)]
const files = folders
  .filter((folder) => existsSync(folder))
  .flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.ics'))
      .map((name) => ({ name, bytes: readFileSync(new URL(name, folder)) })),
  )
const samples = files.filter(({ name }) => existsSync(new URL(name, folders[0])))

const house = await openHouse()
const me = await house.person()

/** Numbers that look random and are the same every time. */
function randomOf(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

test('what goes out comes back the same, and nothing changes where it stands already', async () => {
  for (const { name, bytes } of files) {
    const [first, second] = [await newCalendar(house, me), await newCalendar(house, me)]
    const made = await imported(house, me, first, bytes)
    const out = await exported(house, me, first)
    for (const again of [bytes, out]) {
      const answer = await imported(house, me, first, again)
      assert.deepEqual([answer['imported'], answer['updated'], answer['unchanged']], [0, 0, made['imported']], name)
    }
    await imported(house, me, second, out)
    assert.equal(withoutStamps(await exported(house, me, second)), withoutStamps(out), name)
    for (const line of out.split('\r\n')) assert.ok(Buffer.byteLength(line) <= 75, `${name}: ${line}`)
    // Its rules are of other calendars, which the parser does not read.
    if (name !== 'rfc_7529.ics') assert.doesNotThrow(() => ICAL.parse(out), name)
  }
})

test('what a file says is kept on the way: alarms, answers, what we know nothing of', async () => {
  const calendarId = await newCalendar(house, me)
  for (const { name, bytes } of samples) if (name !== 'broken.ics') await imported(house, me, calendarId, bytes)
  const out = (await exported(house, me, calendarId)).replaceAll('\r\n ', '')
  for (const line of [
    'CLASS:CONFIDENTIAL',
    'X-MICROSOFT-CDO-BUSYSTATUS:BUSY',
    'DTSTART;TZID=Europe/Kyiv:20260202T100000',
    'EXDATE;TZID=Europe/Kyiv:20260209T100000,20260216T100000',
    'DESCRIPTION:Please bring figures\\nand a pen\\; thanks',
    'RRULE:FREQ=WEEKLY;UNTIL=20260630T220000Z;BYDAY=MO',
    'ATTENDEE;CN="Ann Lee";ROLE=REQ-PARTICIPANT;PARTSTAT=DECLINED:mailto:ann@example.com',
    'RECURRENCE-ID;TZID=America/New_York:20260309T093000',
    'SUMMARY:Holiday 🎆',
    'TRIGGER;RELATED=END:PT5M',
    'TRIGGER:-P1D',
    'DTSTART;TZID=Europe/Berlin:20261025T013000',
    'DTSTART:20260601T070000',
    'SUMMARY:Soirée à Besançon',
    'ATTACH;ENCODING=BASE64;VALUE=BINARY:SGVsbG8=',
    'CATEGORIES:A,B\\,C',
  ])
    assert.ok(out.includes(`\r\n${line}\r\n`), line)
})

test('every series of the recurrence vectors comes back the same', async () => {
  type Vector = {
    id: string
    kind: string
    tzid: string | null
    dtstart: string
    rrule: string | null
    exdate: string[]
    rdate: string[]
    overrides: { recurrenceId: string; start?: string; cancelled?: boolean }[]
  }
  const vectors = readFileSync(new URL('../../time/vectors/recurrence.jsonl', import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line): Vector => JSON.parse(line))
  const lines = vectors.flatMap(({ id, kind, tzid, dtstart, rrule, exdate, rdate, overrides }) => {
    const property = (name: string, text: string): string => {
      const compact = text.replaceAll(/[-:]/g, '')
      if (kind === 'date') return `${name};VALUE=DATE:${compact}`
      return kind === 'zoned' && !compact.endsWith('Z')
        ? `${name};TZID=${tzid}:${compact}`
        : `${name}:${compact}${kind === 'utc' && !compact.endsWith('Z') ? 'Z' : ''}`
    }
    const own = [
      ...(rrule === null ? [] : [`RRULE:${rrule}`]),
      ...rdate.map((text) => property('RDATE', text)),
      ...exdate.map((text) => property('EXDATE', text)),
    ]
    return [
      ...eventOf(id, property('DTSTART', dtstart), ...own, `SUMMARY:${id}`),
      ...overrides.flatMap(({ recurrenceId, start = recurrenceId, cancelled }) =>
        eventOf(
          id,
          property('RECURRENCE-ID', recurrenceId),
          property('DTSTART', start),
          `STATUS:${cancelled ? 'CANCELLED' : 'CONFIRMED'}`,
          `SUMMARY:${id}`,
        ),
      ),
    ]
  })
  const [first, second] = [await newCalendar(house, me), await newCalendar(house, me)]
  const answer = await imported(house, me, first, calendarOf(...lines))
  assert.equal(answer['imported'], vectors.length, JSON.stringify(answer['skipped']))
  const out = await exported(house, me, first)
  await imported(house, me, second, out)
  assert.equal(withoutStamps(await exported(house, me, second)), withoutStamps(out))
})

/** A file with some bytes or lines lost, doubled, swapped or made others. */
function mutated(bytes: Buffer, random: (below: number) => number): Buffer {
  let text = bytes.toString('latin1')
  for (let i = random(6); i >= 0; i--) {
    const at = random(text.length)
    const lines = text.split(/(?<=[\r\n])/)
    const [a, b] = [random(lines.length), random(lines.length)]
    switch (random(6)) {
      case 0:
        text = text.slice(0, at) + text.slice(at + 1 + random(12))
        break
      case 1:
        text = text.slice(0, at) + String.fromCharCode(random(256)) + text.slice(at)
        break
      case 2:
        ;[lines[a], lines[b]] = [lines[b]!, lines[a]!]
        text = lines.join('')
        break
      case 3:
        lines.splice(a, 1 + random(3))
        text = lines.join('')
        break
      case 4:
        text = text.replace(/\d(?=\d*T\d)/, String(random(10)))
        break
      default:
        text = text.slice(0, at) + text.slice(at).replace(/\d+/, '9'.repeat(1 + random(20)))
    }
  }
  return Buffer.from(text, 'latin1')
}

const good = (name: string): Buffer =>
  Buffer.from(
    calendarOf(
      ...[1, 2, 3].flatMap((n) =>
        eventOf(`${name} ${n}`, `DTSTART;TZID=Europe/Kyiv:2026030${n}T100000`, 'DURATION:PT1H', `SUMMARY:${name} ${n}`),
      ),
    ),
  )

test('a file with random damage loses nothing of what was not damaged', async () => {
  const random = randomOf(7)
  for (let round = 0; round < 600; round++) {
    const { bytes } = samples[round % samples.length]!
    const file = Buffer.concat([good('before'), mutated(bytes, random), good('after')])
    const { drafts } = await readFile(file)
    for (const name of ['before', 'after'])
      for (const n of [1, 2, 3]) {
        const found = drafts.find(({ fields }) => fields.uid === `${name} ${n}`)
        assert.equal(found?.fields.title, `${name} ${n}`, file.toString('latin1'))
        assert.equal(found.fields.dtstart, `2026-03-0${n}T10:00:00`)
        assert.equal(found.fields.time_zone, 'Europe/Kyiv')
      }
  }
})

test('no damage makes the server fail, and what came in goes out', async () => {
  const random = randomOf(11)
  const calendarId = await newCalendar(house, me)
  for (let round = 0; round < 120; round++) {
    const file = mutated(files[round % files.length]!.bytes, random)
    const answer = await importFile(house, me, calendarId, file)
    assert.equal(answer.status, 200, `${answer.text}\n${file.toString('latin1')}`)
  }
  const out = await exported(house, me, calendarId)
  assert.equal((await imported(house, me, await newCalendar(house, me), out))['skipped'].length, 0)
})
