import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { commands } from '../../server/modules/backups/index.ts'
import { refuseUnfinished, UnfinishedRestore } from '../../server/platform/backup/unfinished.ts'
import { databaseOf } from '../platform.ts'
import { elsewhereOf, rows } from '../restoring.ts'
import { openHouse } from '../support.ts'

/** What breaks off in the middle of a restore, and what is not to go out again after one. */

const folder = mkdtempSync(path.join(tmpdir(), 'banister-restore-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const place = path.join(folder, 'place')
const house = await openHouse({ BACKUP_DIR: place })
const elsewhere = elsewhereOf(house, place, folder)
const backUp = async (): Promise<void> => {
  house.pass({ minutes: 1 })
  await commands['backup']!.run(house.ctx(), { options: {}, positionals: ['database'] })
}
const provider = await house.person('provider')
await backUp()

test('No house starts on what a killed restore has left, with sessions that nobody ended; the next restore begins anew', async (t) => {
  const there = await elsewhere(t)
  there.ends.next = true
  await assert.rejects(there.run('latest'), /killed/)
  const [sessions] = await rows<{ count: number }>(there.url, 'SELECT count(*)::int AS count FROM sessions')

  await assert.rejects(refuseUnfinished(there.url), UnfinishedRestore)
  there.ends.next = false
  const lines = await there.run('latest')

  assert.ok(sessions!.count > 0)
  assert.match(lines.join('\n'), /1 sessions were ended/)
  await refuseUnfinished(there.url)
})

test('Without messages what waits for webhooks is given up as well, and can be replayed', async (t) => {
  await rows(
    databaseOf(house),
    `WITH e AS (
       INSERT INTO webhook_endpoints (id, owner_kind, provider_id, url, description, event_types, secret, created_at, updated_at)
       VALUES (gen_random_uuid(), 'provider', ${provider.id}, 'https://example.com/', '', '{*}', 'x', now(), now()) RETURNING id),
     m AS (
       INSERT INTO webhook_messages (id, type, body, people, created_at) VALUES (gen_random_uuid(), 'webhook.test', '{}', '{}', now()) RETURNING id)
     INSERT INTO webhook_deliveries (id, endpoint_id, message_id, next_attempt_at, created_at)
     SELECT gen_random_uuid(), e.id, m.id, '2027-01-01', now() FROM e, m`,
  )
  await backUp()
  const [there, other] = [await elsewhere(t), await elsewhere(t)]

  const lines = await there.run('latest', '--without-messages')
  await other.run('latest')

  const waiting = 'SELECT status, reason FROM webhook_deliveries'
  assert.match(lines.join('\n'), /1 deliveries of webhooks that waited were given up/)
  assert.deepEqual(await rows(there.url, waiting), [{ status: 'failed', reason: 'exhausted' }])
  assert.deepEqual(await rows(other.url, waiting), [{ status: 'pending', reason: null }])
})
