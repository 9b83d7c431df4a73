import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, type Person } from '../../../test/support.ts'
import { openProvider, streamOf, talkOf, type Json } from './support.fixture.ts'

/** Whoever reads a chat needs no notification of it any more. */

const house = await openHouse()
const { post, data, say } = talkOf(house)
const unreadOf = async (person: Person): Promise<Json[]> => {
  await house.drain()
  const { body } = await house.call('GET', '/api/v1/notifications/?unread=true', { token: person.token })
  return body['data'].results.filter(({ kind }: Json) => kind === 'chat_message')
}
const read = (who: Person, chat: number, seq?: number) =>
  data(post(who, `chats/${chat}/read/`, seq === undefined ? {} : { seq }))

test('reading a chat marks its notification read on all devices, and leaves those of other chats', async () => {
  const olena = await openProvider(house)
  const [jane, john] = [await house.person(), await house.person()]
  const first = await say(jane, olena, 'One')
  await say(jane, olena, 'Two')
  await say(john, olena, 'Hello')
  const before = await unreadOf(olena)
  const [last] = (await streamOf(house, olena)).toReversed()

  await read(olena, first['chat_id'], 1)
  const told = (await streamOf(house, olena, last!['seq'])).map(({ type, data: entry }) => ({ type, entry }))
  const others = await unreadOf(olena)
  await say(jane, olena, 'Three')

  assert.equal(before.length, 2)
  assert.deepEqual(
    others.map(({ target }) => target.id),
    before.map(({ target }) => target.id).filter((id) => id !== first['chat_id']),
  )
  const id = before.find(({ target }) => target.id === first['chat_id'])!['id']
  assert.deepEqual(
    told.map(({ type }) => type),
    ['chat.read', 'notification.read'],
  )
  assert.deepEqual(told[1]!.entry.ids, [id])
  assert.equal((await unreadOf(olena)).length, 2)
})

test('what the support reads is read for all who answer there, and not for who asked', async () => {
  const [jane, anna, boris] = [
    await house.person(),
    await house.person('super_admin'),
    await house.person('super_admin'),
  ]
  const { chat_id } = await data(post(jane, 'support/', { text: 'Help' }), 201)
  const before = [(await unreadOf(anna)).length, (await unreadOf(boris)).length]

  await read(anna, chat_id)

  assert.deepEqual(before, [1, 1])
  assert.deepEqual([(await unreadOf(anna)).length, (await unreadOf(boris)).length], [0, 0])
})
