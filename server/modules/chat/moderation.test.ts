import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, type Person } from '../../../test/support.ts'
import { book, openProvider, streamOf, talkOf, type Json } from './support.fixture.ts'

/** Blocking, reporting, the support, notifications, and what is left of who goes. */

const house = await openHouse()
const { get, post, put, remove, data, say, chats, words } = talkOf(house)

const grant = (who: Person, permission: string) =>
  house.house.db
    .insertInto('admin_permissions')
    .values({ user_id: who.id, permission, granted_at: house.ctx().now })
    .execute()
const ruleOf = (answer: Json): string | undefined => answer['body']['error']?.details?.[0]?.rule
const notices = async (who: Person): Promise<Json[]> =>
  (await house.call('GET', '/api/v1/notifications/?page_size=100', { token: who.token })).body['data'].results.filter(
    ({ kind }: Json) => kind === 'chat_message',
  )

test('Who is blocked cannot write, nor change what they wrote, until they are unblocked; the chat stays readable', async () => {
  const olena = await openProvider(house)
  const jane = await house.person()
  const { id, chat_id } = await say(jane, olena, 'Hello')

  const blocked = await data(post(olena, 'blocks/', { user_id: jane.id }), 201)
  const tries = [
    await post(jane, 'messages/', { chat_id, text: 'Why?' }),
    await post(jane, '', { recipient_id: olena.id, text: 'Why?' }),
    await put(jane, `${id}/`, { text: 'Why?' }),
  ]
  const hers = await post(olena, 'messages/', { chat_id, text: 'Because' })
  const [mine] = await chats(jane)
  const listed = await data(get(olena, 'blocks/'))
  const unblocked = await remove(olena, `blocks/${jane.id}/`)
  await say(jane, olena, 'Thanks')

  assert.deepEqual(
    tries.map((answer) => [answer.status, ruleOf(answer)]),
    Array.from({ length: 3 }, () => [403, 'blocked']),
  )
  assert.deepEqual([hers.status, ruleOf(hers)], [403, 'blocking'])
  assert.deepEqual([mine!['can_write'], mine!['blocked']], [false, false])
  assert.deepEqual(listed['results'], [blocked])
  assert.equal(unblocked.status, 200)
  assert.equal((await remove(olena, `blocks/${jane.id}/`)).status, 404)
  assert.deepEqual(await words(olena, chat_id), ['Hello', 'Thanks'])
})

test('Nobody blocks a stranger, or themselves', async () => {
  const [jane, john] = [await house.person(), await house.person()]

  const answers = await Promise.all([john.id, jane.id, 99_999_999].map((user_id) => post(jane, 'blocks/', { user_id })))

  assert.deepEqual(
    answers.map(({ status }) => status),
    [404, 400, 404],
  )
})

test('A message is reported once, with its words of then, and decided once by who looks after people', async () => {
  const olena = await openProvider(house)
  const jane = await house.person()
  const { id, chat_id } = await say(jane, olena, 'Pay me in cash')
  const [admin, other] = [await house.person('admin'), await house.person('management')]
  await grant(admin, 'user_management')
  await grant(other, 'booking_management')

  const reported = await data(post(olena, `messages/${id}/report/`, { reason: 'Outside of the site' }), 201)
  const refused = [
    await post(olena, `messages/${id}/report/`, { reason: 'Again' }),
    await post(jane, `messages/${id}/report/`, { reason: 'My own' }),
    await get(other, 'reports/'),
    await get(olena, 'reports/'),
    await post(other, `reports/${reported['id']}/decide/`, { status: 'resolved' }),
    await post(jane, `reports/${reported['id']}/decide/`, { status: 'dismissed' }),
  ]
  await data(put(jane, `${id}/`, { text: 'Pay me on the site' }))
  const open = await data(get(admin, 'reports/?status=open'))
  const decided = await data(
    post(admin, `reports/${reported['id']}/decide/`, { status: 'resolved', note: 'Warned', delete_message: true }),
  )
  const again = await post(admin, `reports/${reported['id']}/decide/`, { status: 'dismissed' })

  assert.deepEqual(
    refused.map(({ status }) => status),
    [409, 409, 403, 403, 403, 403],
  )
  assert.deepEqual(open['results'], [reported])
  assert.equal(reported['text'], 'Pay me in cash')
  assert.deepEqual([decided['status'], decided['note'], again.status], ['resolved', 'Warned', 409])
  assert.deepEqual(await words(olena, chat_id), ['†'])
  const { rows } = await house.house.pool.query(`SELECT actor_id FROM audit_log WHERE action = 'chat.decide_report'`)
  assert.deepEqual(rows, [{ actor_id: admin.id }])
})

test('The support is one for everybody: any who may answers, under its name, and shares what is read', async () => {
  const [jane, stranger] = [await house.person(), await house.person()]
  const [one, two, none] = [
    await house.person('admin'),
    await house.person('management'),
    await house.person('accountant'),
  ]
  await grant(one, 'user_management')
  await grant(two, 'booking_management')

  const asked = await data(post(jane, 'support/', { text: 'Help', client_id: 'help-1' }), 201)
  const repeated = await data(post(jane, 'support/', { text: 'Help', client_id: 'help-1' }), 201)
  await data(post(jane, 'support/', { text: 'Please' }), 201)
  const { chat_id } = asked
  const before = (await data(get(two, 'support/')))['results'][0]
  await data(post(one, `chats/${chat_id}/read/`, {}))
  const answered = await data(post(one, 'messages/', { chat_id, text: 'Gladly' }), 201)
  const after = (await data(get(two, 'support/')))['results'][0]
  const refused = [
    await get(none, 'support/'),
    await get(jane, 'support/'),
    await get(none, `chats/${chat_id}/messages/`),
    await get(stranger, `chats/${chat_id}/`),
    await post(one, 'support/', { text: 'Hello me' }),
    await put(two, `${answered['id']}/`, { text: 'Mine' }),
    await put(jane, `${answered['id']}/`, { text: 'Mine' }),
  ]

  assert.deepEqual(
    refused.map(({ status }) => status),
    [403, 403, 404, 404, 409, 403, 403],
  )
  assert.equal(repeated['id'], asked['id'])
  assert.deepEqual([before.unread_count, before.other.name, before.last_message.text], [2, 'Jane Smith', 'Please'])
  assert.deepEqual([after.unread_count, answered['sender']], [0, { id: null, name: 'Support' }])
  const [mine] = await chats(jane)
  assert.deepEqual(
    [mine!['kind'], mine!['other'], mine!['unread_count'], mine!['other_last_read_seq']],
    ['support', { id: null, name: 'Support' }, 1, 3],
  )
  for (const who of [jane, one, two])
    assert.ok((await streamOf(house, who)).some((told) => told['data'].text === 'Gladly'))
  assert.deepEqual(await streamOf(house, none), [])
  const ukrainian = await house.call('GET', `/api/v1/message/${answered['id']}/`, {
    token: jane.token,
    headers: { 'accept-language': 'uk' },
  })
  assert.equal(ukrainian.body['data'].sender.name, 'Підтримка')
})

test('Who is away is notified once until they have read, whoever has muted the chat not at all', async () => {
  const olena = await openProvider(house)
  const jane = await house.person()
  const { chat_id } = await say(jane, olena, 'One')

  await say(jane, olena, 'Two')
  const first = await notices(olena)
  await data(post(olena, `chats/${chat_id}/read/`, {}))
  await say(jane, olena, 'Three')
  const second = await notices(olena)
  await data(post(olena, `chats/${chat_id}/read/`, {}))
  await data(post(olena, `chats/${chat_id}/mute/`))
  await say(jane, olena, 'Four')
  const third = await notices(olena)

  assert.deepEqual(
    first.map(({ title, target }) => [title, target]),
    [['New message from Jane Smith', { kind: 'chat', id: chat_id }]],
  )
  assert.deepEqual([second.length, third.length], [2, 2])
  assert.deepEqual([(await chats(olena))[0]!['muted'], (await chats(olena))[0]!['unread_count']], [true, 1])
  assert.equal((await notices(jane)).length, 0)
})

test('Of who goes only tombstones and a nameless partner are left, in what others are still to be told as well', async () => {
  const olena = await openProvider(house)
  const jane = await house.person('customer', { first_name: 'Eve', last_name: 'Adams' })
  const { chat_id, id } = await say(jane, olena, 'My address is 5 Elm Street')
  await say(olena, jane, 'Noted')
  await book(house, jane, olena.service)
  await data(post(olena, `messages/${id}/report/`, { reason: 'Odd' }), 201)
  await house.drain()

  await house.call('DELETE', '/api/v1/auth/profile/', { token: jane.token, json: { password: jane.password } })
  await house.drain()

  const [mine] = await chats(olena)
  assert.deepEqual([mine!['other'], mine!['can_write'], mine!['unread_count']], [{ id: jane.id, name: '' }, false, 0])
  const refused = await post(olena, 'messages/', { chat_id, text: 'Are you there?' })
  assert.deepEqual([refused.status, ruleOf(refused)], [403, 'gone'])
  const lines = await words(olena, chat_id)
  assert.deepEqual(lines.slice(0, 2), ['†', 'Noted'])
  const { rows } = await house.house.pool.query(
    `SELECT 1 FROM messages WHERE text || search_text ~* 'elm' UNION ALL SELECT 1 FROM reports WHERE text ~* 'elm'
     UNION ALL SELECT 1 FROM stream_entries WHERE data::text ~* 'elm'`,
  )
  assert.deepEqual(rows, [])
  assert.ok((await streamOf(house, olena)).some(({ type }) => type === 'chat.closed'))
})

test('The export of a person holds what they wrote and read, and nothing of others’ chats', async () => {
  const olena = await openProvider(house)
  const [jane, john] = [await house.person(), await house.person()]
  await say(jane, olena, 'From Jane')
  await say(olena, jane, 'To Jane')
  await say(john, olena, 'From John')

  const { exportOf } = await import('./index.ts')
  const files: Record<string, Json[]> = {}
  for await (const file of exportOf(house.ctx(), jane.id)) {
    files[file.name] = []
    if ('rows' in file) for await (const row of file.rows) files[file.name]!.push(row as Json)
  }

  assert.deepEqual(
    files['chat/messages.json']!.map(({ text, written_by }) => [text, written_by]),
    [
      ['From Jane', 'own'],
      ['To Jane', 'other'],
    ],
  )
  assert.equal(files['chat/chats.json']!.length, 1)
})
