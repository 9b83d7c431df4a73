import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { databaseOf } from '../../../test/platform.ts'
import { openHouse } from '../../../test/support.ts'
import { openSession } from '../../platform/backup/session.ts'
import { commands } from './index.ts'
import { insertBackup } from './queries.ts'
import { sealDatabase } from './service/database.ts'
import { alone, giveWay } from './service/lock.ts'
import { runBackup } from './service/run.ts'
import { backupKeysOf } from '../../platform/backup/keys.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'banister-backups-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const place = path.join(folder, 'place')
const house = await openHouse({
  BACKUP_DIR: place,
  BACKUP_KEEP_DAYS: '2',
  BACKUP_KEEP_WEEKS: '0',
  TIME_ZONE: 'Europe/Kyiv',
})
const operator = await house.person('super_admin')
const admin = await house.person('admin')
const customer = await house.person('customer')
await house.call('POST', '/api/v1/auth/admin/permissions/grant/', {
  token: operator.token,
  json: { admin_user_id: admin.id, permissions: ['system_settings'] },
})
await house.drain()

const url = '/api/v1/admin/backups/'
const request = (kind: string, token = operator.token) => house.call('POST', url, { token, json: { kind } })
/** Days pass here, and access tokens do not live so long. */
const tokenOf = async ({ email, password }: { email: string; password: string }): Promise<string> =>
  (await house.call('POST', '/api/v1/auth/login/', { json: { email, password } })).body['data'].access
const listed = async (query = '') =>
  (await house.call('GET', `${url}${query}`, { token: await tokenOf(operator) })).body['data'].results
const byHand = (...positionals: string[]) => commands['backup']!.run(house.ctx(), { options: {}, positionals })
const files = (kind: string): string[] => readdirSync(path.join(place, kind)).toSorted()
const put = (key: string, text: string) =>
  house.house.files.put('photos', key, Buffer.from(text), { contentType: 'image/jpeg' })
const contents = (): number =>
  readdirSync(path.join(place, 'contents'), { recursive: true }).filter((name) => String(name).endsWith('.content'))
    .length
const health = async () => (await house.call('GET', '/api/v1/health/')).body['data'].dependencies.backups
const told = async (person: { email: string; password: string }): Promise<string[]> =>
  (await house.call('GET', '/api/v1/notifications/', { token: await tokenOf(person) })).body['data'].results
    .map(({ title }: { title: string }) => title)
    .filter((title: string) => title.startsWith('The database could'))

test('Only who holds system_settings sees backups and asks for one', async () => {
  const manager = await house.person('management')

  for (const person of [customer, manager])
    for (const answer of [
      await house.call('GET', url, { token: person.token }),
      await house.call('GET', `${url}1/`, { token: person.token }),
      await request('files', person.token),
    ])
      assert.equal(answer.status, 403)
  assert.equal((await house.call('GET', url)).status, 401)
  assert.deepEqual((await house.call('GET', url, { token: admin.token })).body['data'].count, 0)
  assert.deepEqual(await health(), { status: 'off', detail: 'none was made yet' })
})

test('A backup that was asked for is made by a job, proved by restoring it, and told of', async () => {
  const asked = await request('database', admin.token)
  const twice = await request('database')
  await house.drain()
  const made = await house.call('GET', `${url}${asked.body['data'].id}/`, { token: admin.token })

  assert.deepEqual([asked.status, asked.body['data'].status, twice.status], [201, 'waiting', 409])
  const { data } = made.body
  assert.deepEqual([data.kind, data.cause, data.status, data.error], ['database', 'request', 'done', null])
  assert.deepEqual(data.places, [{ place: `directory ${place}`, error: null }])
  assert.ok(data.items > 5 && data.size_bytes > 1000 && data.verified_at === '2026-01-12T08:00:00Z')
  assert.deepEqual(files('database'), [`${data.name.replace('database-', '')}.backup`])
  assert.deepEqual([await health(), (await request('nothing')).status], [{ status: 'ok' }, 400])
  const { rows } = await house.house.pool.query(
    `SELECT actor_id FROM audit_log WHERE action = 'backups.request' AND target_id = $1`,
    [String(data.id)],
  )
  assert.deepEqual(rows, [{ actor_id: admin.id }])
})

test('What a killed process has left running does not keep anybody from asking for a backup; what is being made does', async () => {
  await insertBackup(house.ctx(), { kind: 'files', cause: 'console', status: 'running', requested_by: null })

  const whileMade = await alone(house.ctx(), false, () => request('files'))
  const afterwards = await request('files')
  await house.drain()

  assert.deepEqual([whileMade.status, afterwards.status], [409, 201])
  assert.deepEqual(
    (await listed('?kind=files')).map(({ status }: { status: string }) => status),
    ['done', 'failed'],
  )
})

test('Backups run every day at noon of TIME_ZONE, the database and the files, and by hand by their names', async () => {
  const daily = house.house.jobs.scheduled().filter(({ name }) => name.startsWith('backups.'))

  await house.house.jobs.run('backups.files')

  assert.deepEqual(daily, [
    { name: 'backups.database', cron: '0 12 * * *' },
    { name: 'backups.files', cron: '0 12 * * *' },
  ])
  assert.deepEqual([(await listed('?kind=files'))[0].cause, house.house.config.TIME_ZONE], ['schedule', 'Europe/Kyiv'])
})

test('Of files only what is new is put there, equal contents once; what nobody names any more goes with its days', async () => {
  house.pass({ minutes: 1 })
  await put('small/a.jpg', 'one')
  await put('small/b.jpg', 'one')
  await put('small/c.jpg', 'two')
  await byHand('files')
  const first = await listed('?kind=files')
  house.pass({ hours: 24 })
  await house.house.files.delete('photos', 'small/c.jpg')
  await put('small/d.jpg', 'three')
  await house.house.files.put('exports', 'e.zip', Buffer.from('made anew by who asks'), {
    contentType: 'application/zip',
  })
  const lines = await byHand('files')
  const second = await listed('?kind=files')
  const before = contents()
  house.pass({ hours: 72 })
  await byHand('files')

  assert.deepEqual([first[0].items, first[0].new_bytes, second[0].items, second[0].new_bytes], [3, 6, 3, 5])
  assert.match(lines[0]!, /^files-\S+: 3 files, .*5|1 kB of files were new/)
  assert.deepEqual([before, contents()], [3, 2])
  assert.equal(files('files').length, 1)
  const gone = (await listed('?kind=files')).filter(
    ({ deleted_at }: { deleted_at: string | null }) => deleted_at !== null,
  )
  assert.ok(gone.length >= 2)
})

test('A content that was lost or changed in its place fails the next backup, which names it', async () => {
  const [folderOfKey] = readdirSync(path.join(place, 'contents'))
  const all = readdirSync(path.join(place, 'contents', folderOfKey!), { recursive: true }).map(String)
  const content = path.join(
    place,
    'contents',
    folderOfKey!,
    all.find((name) => name.endsWith('.content'))!,
  )
  const bytes = await house.house.files.get('photos', 'small/a.jpg')
  bytes!.stream.destroy()
  rmSync(content)

  // What is missing is simply put there again.
  await byHand('files')
  assert.ok((await listed('?kind=files'))[0].new_bytes > 0)
  writeFileSync(content, 'rubbish')
  // A thirtieth of the contents is read every day: within thirty days every one is.
  const failures: string[] = []
  for (let day = 0; day < 30 && failures.length === 0; day++) {
    house.pass({ hours: 24 })
    await runBackup(house.ctx(), { kind: 'files', cause: 'schedule', wait: true }).catch((error: unknown) =>
      failures.push(String(error)),
    )
  }
  assert.match(failures.join(' '), /not a backup of Banister|is not what was written/)
  rmSync(content)
  await byHand('files')
})

test('A place that cannot be used fails the backup, operators are told once, and health says so after a day and a half', async () => {
  writeFileSync(path.join(folder, 'file'), '')
  const wish = {
    kind: 'database' as const,
    cause: 'schedule' as const,
    wait: true,
    to: path.join(folder, 'file', 'below'),
  }

  for (let tries = 0; tries < 3; tries++) await assert.rejects(runBackup(house.ctx(), wish), /ENOTDIR|EEXIST/)
  await house.drain()

  const [last] = await listed('?kind=database')
  assert.deepEqual([last.status, last.verified_at], ['failed', null])
  assert.match(last.error, /^directory .*below: E(NOTDIR|EXIST)/)
  const expected = ['The database could not be backed up']
  assert.deepEqual([await told(operator), await told(admin), await told(customer)], [expected, expected, []])
  assert.equal(
    (await house.mails(operator.email)).filter(({ subject }) => subject.startsWith('The database could')).length,
    1,
  )
  const state = await health()
  assert.equal(state.status, 'down')
  assert.match(state.detail, /^database: the last good one is \d+ hours old$/)
  const metrics = await house.call('GET', '/metrics')
  assert.match(metrics.text, /^backup_last_failed_timestamp_seconds\{kind="database"\} \d+$/m)
})

test('Two are never made at once: the console is told, a job waits', async () => {
  const order: string[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  const first = alone(house.ctx(), true, async () => {
    await promise
    order.push('first')
  })
  // Of this database alone: tests of other files, on the same server, make backups too.
  const held = `SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 7216534 AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`
  while ((await house.house.pool.query(held)).rowCount === 0) await new Promise((soon) => setTimeout(soon, 10))

  await assert.rejects(byHand('database'), /Another backup is being made/)
  const second = alone(house.ctx(), true, async () => void order.push('second'))
  resolve()
  await Promise.all([first, second])

  assert.deepEqual(order, ['first', 'second'])
})

test('What a killed process left running is told as failed by the next one', async () => {
  await house.house.pool.query(
    `INSERT INTO backups (kind, cause, status, created_at) VALUES ('files', 'schedule', 'running', $1)`,
    [house.ctx().now.toString()],
  )

  await byHand('files')

  const [, interrupted] = await listed('?kind=files')
  assert.deepEqual([interrupted.status, interrupted.error], ['failed', 'the process ended before it was done'])
})

test('A migration that waits for a table ends the backup that reads it, instead of waiting for its end', async () => {
  const reading = await openSession(databaseOf(house))
  const watch = await openSession(databaseOf(house))
  const { rows } = await reading.client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  await reading.client.query('BEGIN')
  await reading.client.query('SELECT FROM users LIMIT 1')
  const stop = giveWay(watch, reading, rows[0]!.pid, 20)

  await house.house.pool.query('ALTER TABLE users ADD COLUMN zz integer')

  assert.equal(stop(), true)
  await assert.rejects(reading.client.query('SELECT 1'))
  await house.house.pool.query('ALTER TABLE users DROP COLUMN zz')
  watch.kill()
})

test('A dump whose connection is lost leaves no half file behind', async () => {
  const [key] = backupKeysOf(house.house.config)
  const directory = path.join(folder, 'making')
  const watch = await openSession(databaseOf(house))
  await house.house.pool.query(
    'CREATE TABLE zz_large AS SELECT n, repeat(md5(n::text), 20) AS t FROM generate_series(1, 30000) n',
  )
  const making = sealDatabase(house.ctx(), { name: 'x', version: '1', key, directory, watch })
  for (;;) {
    const { rowCount } = await house.house.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'banister backup' AND datname = current_database() AND query LIKE 'COPY%zz_large%'`,
    )
    if (rowCount) break
    await new Promise((soon) => setTimeout(soon, 1))
  }

  await assert.rejects(making)
  assert.deepEqual(readdirSync(directory), [])
  await house.house.pool.query('DROP TABLE zz_large')
  watch.kill()
})
