import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { commands } from '../../server/modules/backups/index.ts'
import { AppError } from '../../server/platform/errors.ts'
import { scratchPrefix } from '../../server/platform/backup/databases.ts'
import { translate } from '../../server/platform/i18n/index.ts'
import { databaseOf } from '../platform.ts'
import { elsewhereOf, rows } from '../restoring.ts'
import { callerOf, openHouse } from '../support.ts'

/** A house is backed up while people write, lost, and restored elsewhere. */

const folder = mkdtempSync(path.join(tmpdir(), 'banister-backup-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const place = path.join(folder, 'place')
const house = await openHouse({ BACKUP_DIR: place })

/** Every table by the hash of its rows, in another way than backups make theirs. */
const contents = async (url: string, but: string[] = []): Promise<Record<string, string>> => {
  const tables = await rows<{ name: string }>(
    url,
    `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1`,
  )
  const left = [
    'migrations',
    'rate_limits',
    'socket_departures',
    'socket_nodes',
    'socket_people',
    'socket_tickets',
    ...but,
  ]
  const wanted = tables.map(({ name }) => name).filter((name) => !left.includes(name))
  const hashes = wanted.map(
    (name) => `SELECT '${name}' AS name, md5(string_agg(t::text, ' ' ORDER BY t::text)) AS hash FROM ${name} t`,
  )
  const found = await rows<{ name: string; hash: string | null }>(url, hashes.join(' UNION ALL '))
  return Object.fromEntries(found.map(({ name, hash }) => [name, hash ?? 'empty']))
}

const elsewhere = elsewhereOf(house, place, folder)
/** The sentence that a refusal is printed with. */
const refusal = (pattern: RegExp) => (error: unknown) => {
  assert.ok(error instanceof AppError, String(error))
  assert.match(translate('en', error.message, error.params), pattern)
  return true
}
const backUp = async (): Promise<string> => {
  house.pass({ minutes: 1 })
  const lines = await commands['backup']!.run(house.ctx(), { options: {}, positionals: ['database'] })
  assert.match(lines.join('\n'), /verified: restored beside the house, every table is the same, the books balance/)
  return lines[0]!.split(':')[0]!
}
const fileOf = (name: string): string => path.join(place, `${name.replace('-', '/')}.backup`)

/** The backup that was made while nobody wrote. */
let quiet = ''

const provider = await house.person('provider')
const customer = await house.person('customer')
const post = async (url: string, token: string, json: object) => {
  const answer = await house.call('POST', `/api/v1/${url}/`, { token, json })
  assert.equal(answer.status, 201, answer.text)
  return answer.body['data']
}
for (let weekday = 1; weekday <= 7; weekday++)
  await post('schedules', provider.token, {
    kind: 'weekly',
    weekday,
    start_time: '09:00',
    end_time: '18:00',
    time_zone: 'UTC',
  })
const offer = { title: 'Massage', description: 'An hour — час спокою\n\t\\N', price: 50, payment: 'on_site' }
const service: { id: number } = await post('services', provider.token, offer)
await post('bookings', customer.token, { service: service.id, date: '2026-01-14T10:00:00Z' })
await house.drain()
await house.house.files.put('photos', 'small/one.jpg', Buffer.from('a photo'), { contentType: 'image/jpeg' })
await commands['backup']!.run(house.ctx(), { options: {}, positionals: ['files'] })

test('A backup made while people write is one moment of the house, and a new house goes on from it', async (t) => {
  const done = new AbortController()
  const writing = (async () => {
    let written = 0
    while (!done.signal.aborted && written < 90) {
      const date = `2026-01-${15 + (written % 12)}T${10 + Math.floor(written / 12)}:00:00Z`
      await post('bookings', customer.token, { service: service.id, date })
      written++
    }
    return written
  })()
  const name = await backUp()
  done.abort()
  const written = await writing
  const there = await elsewhere(t)

  const lines = await there.run(name)

  assert.ok(written > 0)
  assert.match(lines.join('\n'), /every byte is what was written\nRestored, and every table is the same\.\n/)
  // A booking, its session, its claim and its history were one transaction: none is there without the others.
  const [counts] = await rows<Record<string, number>>(
    there.url,
    `SELECT (SELECT count(*)::int FROM bookings) AS bookings, (SELECT count(*)::int FROM booking_sessions) AS sessions,
       (SELECT count(*)::int FROM claims) AS claims, (SELECT count(DISTINCT booking_id)::int FROM booking_history) AS told`,
  )
  const { bookings } = counts!
  assert.ok(bookings! >= 1 && bookings! <= written + 1)
  assert.deepEqual(counts, { bookings, sessions: bookings, claims: bookings, told: bookings })
  await house.drain()
})

test('Every row comes back, people sign in, new numbers are new, and what waited to be sent is sent once', async (t) => {
  const late = await house.person('customer', { first_name: 'Олена' })
  const name = await backUp()
  quiet = name
  const before = await contents(databaseOf(house), ['backups', 'sessions'])
  const mailsBefore = await rows(databaseOf(house), 'SELECT recipient, subject FROM mail_outbox ORDER BY id')
  const there = await elsewhere(t)

  const lines = await there.run('latest')

  assert.deepEqual(await contents(there.url, ['backups', 'sessions']), before)
  assert.match(lines.join('\n'), /3 sessions were ended.*The books balance\..*1 files restored \(7 bytes\)/s)
  assert.ok(lines[0]!.startsWith(name))
  const app = await there.open()
  const call = callerOf(app.http)
  const old = await call('GET', '/api/v1/auth/profile/', { token: late.token })
  const signedIn = await call('POST', '/api/v1/auth/login/', { json: { email: late.email, password: late.password } })
  const { access } = signedIn.body['data']
  const booked = await call('POST', '/api/v1/bookings/', {
    token: access,
    json: { service: service.id, date: '2026-02-03T10:00:00Z' },
  })
  assert.deepEqual([old.status, signedIn.status, booked.status], [401, 200, 201])
  const [last] = await rows<{ id: number }>(databaseOf(house), 'SELECT max(id)::int AS id FROM bookings')
  assert.ok(booked.body['data'].id > last!.id + 9000)
  const photo = await app.house.files.get('photos', 'small/one.jpg')
  assert.equal((await photo!.stream.toArray()).join(''), 'a photo')
  // What the lost house would have sent from here on, the new one sends; nothing that went out before goes out again.
  const sent = async (url: string) =>
    rows(url, `SELECT recipient, subject FROM mail_outbox WHERE recipient = '${late.email}'`)
  await house.drain()
  await app.house.jobs.drain()
  const mails = await rows<{ recipient: string }>(there.url, 'SELECT recipient, subject FROM mail_outbox ORDER BY id')
  assert.deepEqual(mails.slice(0, mailsBefore.length), mailsBefore)
  assert.equal(mailsBefore.filter((mail) => (mail as { recipient: string }).recipient === late.email).length, 0)
  const again = (await sent(databaseOf(house))) as { subject: string }[]
  assert.ok(again.length > 0)
  for (const { subject } of again)
    assert.equal(
      ((await sent(there.url)) as { subject: string }[]).filter((mail) => mail.subject === subject).length,
      1,
    )
  await app.stop()
})

test('A backup that is damaged, cut off or sealed with another key is refused in one sentence, and nothing is changed', async (t) => {
  const good = readFileSync(fileOf(quiet))
  const there = await elsewhere(t)
  const before = await contents(there.url)
  mkdirSync(path.join(folder, 'bad'), { recursive: true })
  const bad = (what: string, bytes: Buffer): string => {
    const file = path.join(folder, 'bad', `${what}.backup`)
    writeFileSync(file, bytes)
    return file
  }
  const flipped = Buffer.from(good)
  flipped[good.length - 100]! ^= 1
  const short = bad('short', good)
  truncateSync(short, good.length - 1)
  const stranger = await elsewhere(t, { SECRET_KEY: 'nobody has backed up with this one' })
  const own = path.join(folder, 'bad', 'own.backup')
  copyFileSync(bad('good', good), own)

  await assert.rejects(
    there.run(bad('flipped', flipped)),
    refusal(/^The backup is damaged: part 1 is not what was written$/),
  )
  await assert.rejects(there.run(short), refusal(/^The backup is damaged: its end is missing$/))
  await assert.rejects(there.run(bad('other', Buffer.from('PK...'))), refusal(/^This is not a backup of Banister$/))
  await assert.rejects(
    stranger.run(own),
    refusal(/sealed with another key \([0-9a-f]{16}\): set BACKUP_KEY, or SECRET_KEY/),
  )
  await assert.rejects(there.run('nothing-of-this-name'), refusal(/There is no backup nothing-of-this-name/))
  await assert.rejects(there.run(), refusal(/The input is not valid/))

  assert.deepEqual(await contents(there.url), before)
  const tried = await there.run('--verify-only', own)
  assert.match(
    tried.join(' '),
    /every byte is what was written Restored beside the house on trial: every table is the same\. Nothing was changed\.$/,
  )
  assert.deepEqual(await contents(there.url), before)
})

test('A house that runs is not restored over, one that holds something only with --force, and what was there is kept', async (t) => {
  const name = quiet
  const there = await elsewhere(t)
  await there.run(name, '--keep-sessions', '--without-messages')
  const app = await there.open()
  await app.house.db.deleteFrom('notification_preferences').execute()
  await app.house.db.updateTable('users').set({ last_name: 'Changed since' }).execute()
  await assert.rejects(there.run(name, '--force'), refusal(/^The house is running \(\d+ connections/))
  await app.stop()

  await assert.rejects(there.run(name), refusal(/^The database is not empty: with --force/))
  const kept = await rows(there.url, 'SELECT DISTINCT last_name FROM users')
  const lines = await there.run(name, '--force', '--keep-sessions')

  const old = /kept in the database (\S+): drop it/.exec(lines.join('\n'))![1]!
  const oldUrl = new URL(there.url)
  oldUrl.pathname = `/${old}`
  assert.deepEqual(kept, [{ last_name: 'Changed since' }])
  assert.deepEqual(await rows(oldUrl.href, 'SELECT DISTINCT last_name FROM users'), kept)
  const [people] = await rows(there.url, 'SELECT count(*)::int AS count FROM users')
  assert.deepEqual(
    [people, await rows(there.url, 'SELECT DISTINCT last_name FROM users')],
    [{ count: 3 }, [{ last_name: 'Smith' }]],
  )
  await rows(there.url, `DROP DATABASE "${old}" WITH (FORCE)`)
  const scratch = await rows<{ datname: string }>(there.url, 'SELECT datname FROM pg_database')
  const ours = scratchPrefix(new URL(there.url).pathname.slice(1))
  assert.ok(!scratch.some(({ datname }) => datname.startsWith(ours)))
})
