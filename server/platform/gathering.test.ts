import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createGathering, messagesOf } from './gathering.ts'

test('what changes in one moment is told as one message, each thing once', async () => {
  const sent: string[] = []
  const gathering = createGathering(async (messages) => void sent.push(...messages))
  gathering.add({ topic: 'slots', name: 'resource_ids', ids: [1, 2] })
  gathering.add({ topic: 'slots', name: 'resource_ids', ids: [2, 3] })
  gathering.add({ topic: 'rooms', name: 'ids', ids: [2] })
  assert.deepEqual(sent, [])

  await gathering.flush()
  assert.deepEqual(
    sent.map((one) => JSON.parse(one)),
    [
      { topic: 'slots', message: { resource_ids: [1, 2, 3] } },
      { topic: 'rooms', message: { ids: [2] } },
    ],
  )
})

test('it is told without being asked for, and what comes later is told by itself, in its order', async () => {
  const sent: string[] = []
  const sending = Promise.withResolvers<void>()
  const gathering = createGathering(async (messages) => {
    if (sent.length === 0) await sending.promise
    sent.push(...messages)
  })
  gathering.add({ topic: 'slots', name: 'ids', ids: [1] })
  await sleep(60)
  gathering.add({ topic: 'slots', name: 'ids', ids: [2] })
  const flushed = gathering.flush()
  assert.deepEqual(sent, [])

  sending.resolve()
  await flushed
  assert.deepEqual(
    sent.map((one) => (JSON.parse(one) as { message: unknown }).message),
    [{ ids: [1] }, { ids: [2] }],
  )
})

test('no message is larger than PostgreSQL takes', () => {
  const ids = Array.from({ length: 1000 }, (_, i) => 9_000_000_000_000_000 + i)
  const messages = messagesOf({ topic: 'slots', name: 'resource_ids', ids })
  for (const message of messages) assert.ok(message.length < 8000)
  const told = messages.flatMap(
    (one) => (JSON.parse(one) as { message: { resource_ids: number[] } }).message.resource_ids,
  )
  assert.deepEqual(told, ids)
})
