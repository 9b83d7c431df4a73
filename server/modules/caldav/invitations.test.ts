import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askerOf, found, join } from '../../../test/company.ts'
import { openHouse } from '../../../test/support.ts'
import { clientOf, conditionOf, eventFile, fileOf, rowsOf } from './client.fixture.ts'

const house = await openHouse()
const ask = askerOf(house)
const boss = await house.person('customer', { first_name: 'Olga' })
const organization = await found(house, boss, 'Acme')
const colleague = await join(house, organization, boss, 'employee')
const stranger = await house.person()
const [own, theirs, outside] = [
  await clientOf(house, boss),
  await clientOf(house, colleague),
  await clientOf(house, stranger),
]
const calendar = (await own.calendars()).get('Calendar')!
const invitations = `${theirs.home}invitations/`

const people = [
  `ORGANIZER;CN=Olga:mailto:${boss.email}`,
  `ATTENDEE;CN=Olga;PARTSTAT=ACCEPTED:mailto:${boss.email}`,
  `ATTENDEE;PARTSTAT=ACCEPTED;RSVP=TRUE:mailto:${colleague.email}`,
  'ATTENDEE;PARTSTAT=TENTATIVE:mailto:guest@example.org',
]
const list = async (client: typeof theirs, url: string) =>
  rowsOf(
    await client.send('PROPFIND', url, {
      depth: '1',
      body: '<propfind xmlns="DAV:"><prop><getetag/></prop></propfind>',
    }),
  )
    .slice(1)
    .map(({ href }) => href)
const statuses = async (id: string) => {
  const event = await ask('GET', `events/${id}/`, boss)
  return (event.body['data'].participants as { email: string; status: string }[])
    .map(({ email, status }) => `${email.replace(/@.*/, '')} ${status}`)
    .toSorted()
}
const told = async (who: typeof boss) =>
  ((await ask('GET', 'notifications/', who)).body['data'].results as { title: string }[]).map(({ title }) => title)
const idOf = (href: string): string => href.split('/').at(-1)!.replace('.ics', '')

test('Whom an organizer puts into an event is invited, told and busy, answers from their own program, and speaks for themselves alone', async () => {
  const url = `${calendar}meeting.ics`
  const put = await own.send('PUT', url, { body: eventFile('meeting', 'SUMMARY:Plans', ...people) })
  await house.drain()
  const [href] = await list(theirs, invitations)
  const id = idOf(href!)
  const asked = await statuses(id)
  const file = await theirs.send('GET', href!)
  const accepted = await theirs.send('PUT', href!, {
    body: file.text.replace('PARTSTAT=NEEDS-ACTION', 'PARTSTAT=ACCEPTED'),
    headers: { 'if-match': file.headers['etag']! },
  })
  const after = await statuses(id)
  const retitled = await theirs.send('PUT', href!, { body: file.text.replace('Plans', 'Mine') })
  const owners = await own.send('GET', url)
  const elsewhere = await outside.send('GET', href!.replace(`/${colleague.id}/`, `/${stranger.id}/`))

  assert.equal(put.status, 201, put.text)
  assert.deepEqual(asked, [`customer.${boss.id} accepted`, `customer.${colleague.id} needs_action`, 'guest tentative'])
  assert.ok((await told(colleague)).includes('Invitation: Plans'))
  assert.equal(accepted.status, 204, accepted.text)
  assert.ok(after.includes(`customer.${colleague.id} accepted`), after.join())
  assert.equal(retitled.status, 403)
  assert.equal(conditionOf(retitled), 'allowed-attendee-scheduling-object-change')
  assert.match(owners.text.replaceAll('\r\n ', ''), new RegExp(`PARTSTAT=ACCEPTED:mailto:${colleague.email}`))
  assert.equal(elsewhere.status, 404)
})

test('A new time asks all anew; an answer to one occurrence stands beside the rest; who deletes an invitation declines', async () => {
  const url = `${calendar}series.ics`
  await own.send('PUT', url, { body: eventFile('series', 'SUMMARY:Series', 'RRULE:FREQ=DAILY;COUNT=5', ...people) })
  const href = (await list(theirs, invitations)).at(-1)!
  const id = idOf(href)
  const file = (await theirs.send('GET', href)).text.replaceAll('\r\n ', '')
  const vevent = file.slice(file.indexOf('BEGIN:VEVENT'), file.indexOf('END:VCALENDAR'))
  const one = vevent
    .replace(/RRULE.*\r\n/, '')
    .replace('DTSTART:20260113', 'RECURRENCE-ID:20260115T100000Z\r\nDTSTART:20260115')
    .replace('DTEND:20260113', 'DTEND:20260115')
    .replace(new RegExp(`PARTSTAT=NEEDS-ACTION(:mailto:${colleague.email})`), 'PARTSTAT=DECLINED$1')
  const single = await theirs.send('PUT', href, { body: file.replace('END:VCALENDAR', `${one}END:VCALENDAR`) })
  const { text } = await theirs.send('GET', href)
  const owners = await own.send('GET', url)
  const same = await own.send('PUT', url, { body: owners.text })
  const kept = await own.send('GET', url)
  const moved = await own.send('PUT', url, {
    body: owners.text.replaceAll('T100000Z', 'T120000Z').replaceAll('T110000Z', 'T130000Z'),
  })
  const anew = await statuses(id)
  const deleted = await theirs.send('DELETE', href)

  assert.equal(single.status, 204, single.text)
  assert.match(
    text.replaceAll('\r\n ', ''),
    new RegExp(`RECURRENCE-ID:20260115T100000Z[^]*PARTSTAT=DECLINED:mailto:${colleague.email}`),
  )
  assert.equal(same.status, 204)
  assert.equal(kept.headers['etag'], owners.headers['etag'])
  assert.equal(moved.status, 204, moved.text)
  assert.ok(anew.includes(`customer.${colleague.id} needs_action`), anew.join())
  assert.equal(deleted.status, 204)
  assert.ok((await statuses(id)).includes(`customer.${colleague.id} declined`))
  assert.equal((await theirs.send('GET', href)).status, 404)
})

test('An invitation from elsewhere is kept as it came, and asks and tells nobody here', async () => {
  const url = `${calendar}foreign.ics`
  const lines = [
    'ORGANIZER;CN=Else:mailto:else@example.org',
    `ATTENDEE;PARTSTAT=ACCEPTED:mailto:${boss.email}`,
    `ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:${colleague.email}`,
  ]
  const before = (await told(colleague)).length
  const put = await own.send('PUT', url, { body: eventFile('foreign', 'SUMMARY:Foreign', ...lines) })
  const { text } = await own.send('GET', url)
  const again = await own.send('PUT', url, { body: text })
  await house.drain()

  assert.deepEqual([put.status, again.status], [201, 204])
  for (const line of lines) assert.ok(text.replaceAll('\r\n ', '').includes(line), line)
  assert.equal((await own.send('GET', url)).text, text)
  assert.equal((await told(colleague)).length, before)
})

test('The outbox tells when colleagues are busy, and of nobody else whether they are here', async () => {
  const body = fileOf(
    'METHOD:REQUEST',
    'BEGIN:VFREEBUSY',
    'UID:fb',
    'DTSTAMP:20260112T080000Z',
    'DTSTART:20260113T000000Z',
    'DTEND:20260114T000000Z',
    `ORGANIZER:mailto:${colleague.email}`,
    `ATTENDEE:mailto:${boss.email}`,
    `ATTENDEE:mailto:${stranger.email}`,
    'ATTENDEE:mailto:nobody@example.org',
    'END:VFREEBUSY',
  )
  const send = (client: typeof own) =>
    client.send('POST', `${client.home}outbox/`, { body, headers: { 'content-type': 'text/calendar' } })
  const answer = await send(theirs)
  const forged = await send(own)

  assert.equal(answer.status, 200, answer.text)
  assert.match(answer.text, /FREEBUSY;FBTYPE=BUSY:20260113T100000Z\/20260113T110000Z/)
  assert.deepEqual(
    [...answer.text.matchAll(/<C:request-status>(.*?)</g)].map(([, status]) => status),
    ['2.0;Success', '3.7;Invalid calendar user', '3.7;Invalid calendar user'],
  )
  assert.equal(forged.status, 403)
})
