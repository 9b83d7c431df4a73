import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { nodeBeside } from '../../../test/platform.ts'
import { connect, Refused, type Client } from '../../../test/socket.ts'
import { openHouse } from '../../../test/support.ts'
import { presenceOf } from '../../platform/socket/presence.ts'
import { book, openProvider, talkOf, type Json } from './support.fixture.ts'

/** Talk over real sockets, on two processes. */

const house = await openHouse()
await house.house.realtime.start()
const base = await house.http.listen({ port: 0, host: '127.0.0.1' })
const { get, post, data, say, chats, words } = talkOf(house)

const dataOf = (frames: Json[], type: string): Json[] =>
  frames.filter((frame) => frame['type'] === type).map((frame) => frame['data'])
const refusal = async (asked: Promise<unknown>): Promise<string> => {
  try {
    await asked
    return 'none'
  } catch (error) {
    if (error instanceof Refused) return error.error['error_number']
    throw error
  }
}
const quit = (...sockets: Client[]) => Promise.all(sockets.map((socket) => socket.close()))

test('What is sent on one process comes to the other person and to one’s own devices on another, once and in order', async (t) => {
  const other = await nodeBeside(house, t)
  await other.house.realtime.start()
  const otherBase = await other.http.listen({ port: 0, host: '127.0.0.1' })
  const olena = await openProvider(house)
  const jane = await house.person()
  const phone = await connect(base, { token: jane.token })
  const laptop = await connect(otherBase, { token: jane.token })
  const hers = await connect(otherBase, { token: olena.token })

  const first = await phone.ask({ type: 'send', recipient_id: olena.id, text: 'One', client_id: 'c1' })
  const again = await phone.ask({ type: 'send', recipient_id: olena.id, text: 'One', client_id: 'c1' })
  phone.say({ type: 'send', id: 'x', chat_id: first['chat_id'], text: 'Two' })
  phone.say({ type: 'send', id: 'y', chat_id: first['chat_id'], text: 'Three' })
  const answered = await hers.ask({ type: 'send', chat_id: first['chat_id'], text: 'Four' })
  for (const socket of [phone, laptop, hers])
    while (dataOf(socket.heard, 'message.created').length < 4) await socket.next('message.created')

  assert.equal(again['id'], first['id'])
  assert.deepEqual(await data(get(jane, `${answered['id']}/`)), answered)
  for (const socket of [phone, laptop, hers])
    assert.deepEqual(
      dataOf(socket.heard, 'message.created').map(({ seq, client_id }) => [seq, client_id]),
      [1, 2, 3, 4].map((seq) => [seq, seq === 1 ? 'c1' : null]),
    )
  const numbers = laptop.heard.flatMap((frame) =>
    frame['seq'] === undefined || frame['type'] === 'hello' ? [] : [frame['seq']],
  )
  assert.deepEqual(
    numbers,
    numbers.toSorted((a, b) => a - b),
  )
  await quit(phone, laptop, hers)
})

test('Who was away gets exactly what was sent, changed, deleted and read meanwhile, in its order', async () => {
  const olena = await openProvider(house)
  const jane = await house.person()
  const { chat_id } = await say(jane, olena, 'Before')
  const before = await connect(base, { token: olena.token })
  before.say({ type: 'resume', seq: 0 })
  const { seq } = await before.next('resumed')
  await quit(before)

  const one = await say(jane, olena, 'A mistak')
  const two = await say(jane, olena, 'Forget this')
  await house.call('PUT', `/api/v1/message/${one['id']}/`, { token: jane.token, json: { text: 'A mistake' } })
  await house.call('DELETE', `/api/v1/message/${two['id']}/`, { token: jane.token })
  const back = await connect(base, { token: olena.token })
  back.say({ type: 'resume', seq })
  await back.next('resumed')
  await back.ask({ type: 'read', chat_id })
  await back.next('chat.read')
  const missed = back.heard.filter(
    (frame) => typeof frame['seq'] === 'number' && /^(message|chat)\./.test(frame['type']),
  )

  assert.deepEqual(
    missed.map((frame) => [frame['type'], frame['data'].text]),
    [
      ['message.created', 'A mistak'],
      ['message.created', ''],
      ['message.updated', 'A mistake'],
      ['message.deleted', ''],
      ['chat.read', undefined],
    ],
  )
  assert.deepEqual(missed.at(-1)!['data'], { chat_id, user_id: olena.id, last_read_seq: 3 })
  await quit(back)
})

test('The frames refuse what the HTTP API refuses', async () => {
  const olena = await openProvider(house)
  const [jane, stranger] = [await house.person(), await house.person()]
  const { id, chat_id } = await say(jane, olena, 'Hello')
  const socket = await connect(base, { token: stranger.token })

  const codes = await Promise.all([
    refusal(socket.ask({ type: 'send', chat_id, text: 'Mine' })),
    refusal(socket.ask({ type: 'send', recipient_id: jane.id, text: 'Mine' })),
    refusal(socket.ask({ type: 'send', chat_id, recipient_id: jane.id, text: 'Mine' })),
    refusal(socket.ask({ type: 'send', text: 5 })),
    refusal(socket.ask({ type: 'edit', message_id: id, text: 'Mine' })),
    refusal(socket.ask({ type: 'delete', message_id: id })),
    refusal(socket.ask({ type: 'read', chat_id })),
    refusal(socket.ask({ type: 'typing', chat_id })),
  ])

  assert.deepEqual(codes, [
    'NOT_FOUND',
    'PERMISSION_DENIED',
    'VALIDATION_ERROR',
    'VALIDATION_ERROR',
    'NOT_FOUND',
    'NOT_FOUND',
    'NOT_FOUND',
    'NOT_FOUND',
  ])
  assert.deepEqual(await words(jane, chat_id), ['Hello'])
  await quit(socket)
})

test('Typing and presence are told to the people of one’s chats, and to nobody who is blocked or a stranger', async () => {
  const olena = await openProvider(house)
  const [jane, stranger, blocked] = [await house.person(), await house.person(), await house.person()]
  const { chat_id } = await say(jane, olena, 'Hello')
  const talk = await say(blocked, olena, 'Hello')
  await data(post(olena, 'blocks/', { user_id: blocked.id }), 201)
  const [hers, strange, barred] = [
    await connect(base, { token: jane.token }),
    await connect(base, { token: stranger.token }),
    await connect(base, { token: blocked.token }),
  ]
  const asked = { type: 'presence', user_ids: [olena.id] }

  const before = await hers.ask(asked)
  const olenas = await connect(base, { token: olena.token })
  const come = await hers.next('presence')
  const now = await hers.ask(asked)
  await olenas.ask({ type: 'typing', chat_id })
  const typing = await hers.next('typing')
  await barred.ask({ type: 'typing', chat_id: talk['chat_id'] })
  const others = [await strange.ask(asked), await barred.ask(asked)]
  await quit(olenas)
  const gone = await hers.next('presence')

  assert.deepEqual(
    [before, come['data']],
    [
      [{ user_id: olena.id, online: false, last_seen_at: null }],
      { user_id: olena.id, online: true, last_seen_at: null },
    ],
  )
  assert.deepEqual(now, [come['data']])
  assert.deepEqual(typing['data'], { chat_id, user_id: olena.id })
  assert.deepEqual([gone['data'].online, gone['data'].last_seen_at !== null], [false, true])
  assert.deepEqual(others, [[], []])
  for (const socket of [strange, barred, olenas])
    assert.deepEqual(
      [...dataOf(socket.heard, 'typing'), ...dataOf(socket.heard, 'presence')].filter(
        ({ user_id }) => user_id !== jane.id,
      ),
      [],
    )
  await quit(hers, strange, barred)
})

test('Who is online is notified only of what they have not read after five minutes', async () => {
  const olena = await openProvider(house)
  const [jane, john] = [await house.person(), await house.person()]
  const notices = async (): Promise<number> => {
    const { body } = await house.call('GET', '/api/v1/notifications/?page_size=100', { token: olena.token })
    return body['data'].results.filter(({ kind }: Json) => kind === 'chat_message').length
  }
  const socket = await connect(base, { token: olena.token })
  while (!(await presenceOf(house.ctx(), [olena.id])).get(olena.id)!.online) await setImmediate()

  const { chat_id } = await say(jane, olena, 'Read at once')
  await say(john, olena, 'Never read')
  await socket.ask({ type: 'read', chat_id })
  const atOnce = await notices()
  await house.drain(true)

  assert.deepEqual([atOnce, await notices()], [0, 1])
  await quit(socket)
})

test('A booking’s line comes to each in their own language and by their own clock', async () => {
  const olena = await openProvider(house)
  const jane = await house.person()
  await house.call('PUT', '/api/v1/auth/profile/', {
    token: jane.token,
    json: { profile: { locale: 'uk', time_zone: 'Europe/Kyiv' } },
  })
  const [hers, mine] = [await connect(base, { token: olena.token }), await connect(base, { token: jane.token })]

  await book(house, jane, olena.service)
  await house.drain()
  const [english, ukrainian] = [await hers.next('message.created'), await mine.next('message.created')]

  assert.equal(english['data'].text, 'Booked: Massage, Tue, January 13, 2026 at 10:00 AM UTC')
  assert.match(ukrainian['data'].text, /^Заброньовано: Massage, .*12:00/)
  assert.deepEqual([english['data'].kind, english['data'].sender], ['system', null])
  assert.equal((await chats(olena))[0]!['unread_count'], 0)
  await quit(hers, mine)
})
