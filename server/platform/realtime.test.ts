import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createDatabase } from '../../test/postgres.ts'
import { createLogger } from './log.ts'
import { createRealtime } from './realtime.ts'

const database = await createDatabase()
after(() => database.drop())

test('who is stopped while they connect holds no connection afterwards', async () => {
  const realtime = createRealtime(database.url, createLogger('silent', false))

  const starting = realtime.start()
  await realtime.stop()
  await starting

  assert.deepEqual(realtime.state(), { status: 'off' })
})
