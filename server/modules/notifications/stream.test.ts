import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, type Person } from '../../../test/support.ts'
import { entriesAfter } from '../../platform/streams.ts'
import { notify } from './index.ts'

const house = await openHouse()
const tell = async (person: Person): Promise<number> => {
  const id = await notify(house.ctx(), {
    userId: person.id,
    kind: 'test',
    title: 'Your booking is confirmed',
    body: '',
  })
  assert.ok(id)
  return id
}
const streamOf = async (person: Person): Promise<string[]> => {
  const entries = await entriesAfter(house.house.db, person.id, 0, 100)
  return entries
    .filter(({ type }) => type.startsWith('notification.'))
    .map(({ type, data }) => {
      const { notification, ids, unread_count } = JSON.parse(data)
      return `${type.slice('notification.'.length)} ${notification ? `${notification.title} ${notification.is_read}` : ids} ${unread_count}`
    })
}
const greeted = async (): Promise<Person> => {
  const person = await house.person()
  await house.drain()
  await house.call('DELETE', '/api/v1/notifications/clear-all/', { token: person.token })
  return person
}
const unread = async (person: Person): Promise<number> =>
  (await house.call('GET', '/api/v1/notifications/unread-count/', { token: person.token })).body['data'].unread_count
const welcomed = ['created Welcome to Banister, Jane! false 1', 'deleted null 0']

test('Every device follows: what is told, read and deleted stands in the stream in its order, with the number of unread', async () => {
  const jane = await greeted()
  const ask = (method: 'POST' | 'DELETE', path: string) =>
    house.call(method, `/api/v1/notifications/${path}`, { token: jane.token })

  const [first, second] = [await tell(jane), await tell(jane)]
  await house.drain()
  const read = await ask('POST', `mark-read/${first}/`)
  const deleted = await ask('DELETE', `${second}/`)
  await tell(jane)
  await house.drain()
  await ask('POST', 'mark-read/')
  await ask('POST', 'mark-read/')

  assert.deepEqual(await streamOf(jane), [
    ...welcomed,
    'created Your booking is confirmed false 2',
    'created Your booking is confirmed false 2',
    `read ${first} 1`,
    `deleted ${second} 0`,
    'created Your booking is confirmed false 1',
    'read null 0',
  ])
  assert.deepEqual([read.body['data'].unread_count, deleted.body['data'].unread_count], [1, 0])
})

test('What was read or deleted before it could be streamed is told as it is', async () => {
  const jane = await greeted()
  const [read, deleted] = [await tell(jane), await tell(jane)]
  await house.call('POST', `/api/v1/notifications/mark-read/${read}/`, { token: jane.token })
  await house.call('DELETE', `/api/v1/notifications/${deleted}/`, { token: jane.token })
  await house.drain()

  assert.deepEqual((await streamOf(jane)).slice(2), [
    `read ${read} 1`,
    `deleted ${deleted} 0`,
    'created Your booking is confirmed true 0',
  ])
})

test('The number of unread is one’s own', async () => {
  const [jane, john] = [await greeted(), await greeted()]
  await tell(jane)
  assert.deepEqual([await unread(jane), await unread(john)], [1, 0])
})

test('Leafing through by the last one seen misses nothing and repeats nothing, also while new ones come', async () => {
  const jane = await greeted()
  const ids: number[] = []
  for (let i = 0; i < 5; i++) ids.unshift(await tell(jane))
  const seen: number[] = []
  let before = ''
  for (;;) {
    const path = `/api/v1/notifications/?page_size=2${before}`
    const { results } = (await house.call('GET', path, { token: jane.token })).body['data']
    if (results.length === 0) break
    seen.push(...results.map(({ id }: { id: number }) => id))
    before = `&before=${seen.at(-1)}`
    await tell(jane)
  }

  assert.deepEqual(seen, ids)
})
