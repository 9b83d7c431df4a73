import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse } from '../../../test/support.ts'
import { book, openProvider, streamOf, talkOf } from './support.fixture.ts'

const house = await openHouse()
const { get, post, put, remove, data, say, chats, words } = talkOf(house)

test('A first message to who offers a service opens a chat that both see, unread for the other', async () => {
  const olena = await openProvider(house, { first_name: 'Olena', last_name: 'Koval' })
  const jane = await house.person()

  const sent = await say(jane, olena, 'Hello, see you then — до встречи')
  const [mine] = await chats(jane)
  const [hers] = await chats(olena)

  assert.deepEqual(
    { ...sent, id: 0, chat_id: 0 },
    {
      id: 0,
      chat_id: 0,
      seq: 1,
      kind: 'text',
      sender: { id: jane.id, name: 'Jane Smith' },
      text: 'Hello, see you then — до встречи',
      attachments: [],
      deleted: false,
      client_id: null,
      created_at: '2026-01-12T08:00:00Z',
      edited_at: null,
    },
  )
  assert.equal(hers!['id'], mine!['id'])
  assert.deepEqual(hers!['last_message'], sent)
  assert.deepEqual([mine!['unread_count'], hers!['unread_count']], [0, 1])
  assert.deepEqual(
    [mine!['other'], hers!['other']],
    [
      { id: olena.id, name: 'Olena Koval' },
      { id: jane.id, name: 'Jane Smith' },
    ],
  )
  assert.deepEqual(
    [hers!['opened_by'], hers!['service_id'], hers!['booking_id'], hers!['can_write']],
    ['inquiry', olena.service, null, true],
  )
})

test('Whichever side begins, two people have one chat', async () => {
  const olena = await openProvider(house)
  const petro = await openProvider(house)

  const first = await say(olena, petro, 'Do you have an hour?')
  const second = await say(petro, olena, 'I do')
  await book(house, petro, olena.service)

  assert.equal(second['chat_id'], first['chat_id'])
  assert.equal((await chats(olena)).length, 1)
})

test('A booking lets both write, the provider first if they like, whatever became of it', async () => {
  const olena = await openProvider(house)
  const jane = await house.person()
  const booking = await book(house, jane, olena.service)
  await house.call('DELETE', `/api/v1/bookings/${booking}/`, { token: jane.token })
  await house.call('PUT', `/api/v1/services/${olena.service}/`, { token: olena.token, json: { is_active: false } })

  const sent = await say(olena, jane, 'What a pity')
  const answered = await say(jane, olena, 'Another time')

  assert.equal(answered['chat_id'], sent['chat_id'])
  const [chat] = await chats(jane)
  assert.deepEqual([chat!['opened_by'], chat!['booking_id'], chat!['service_id']], ['booking', booking, olena.service])
})

test('Nobody writes to whom they have nothing to do with; whether such a person is still here is not told', async () => {
  const olena = await openProvider(house)
  const [jane, john, gone] = [await house.person(), await house.person(), await house.person()]
  const idle = await house.person('provider')
  const admin = await house.person('admin')
  await house.call('DELETE', '/api/v1/auth/profile/', { token: gone.token, json: { password: gone.password } })
  const to = (who: typeof jane, id: number) => post(who, 'messages/', { recipient_id: id, text: 'Hi' })

  const refused = await Promise.all([
    to(jane, john.id),
    to(jane, idle.id),
    to(jane, gone.id),
    to(jane, admin.id),
    to(olena, jane.id),
    to(admin, olena.id),
  ])
  const never = await to(jane, 99_999_999)
  const self = await to(olena, olena.id)

  for (const { status, body } of refused)
    assert.deepEqual(
      [status, body['error'].error_number, body['error'].details[0].rule],
      [403, 'PERMISSION_DENIED', 'no_relation'],
    )
  assert.equal(new Set(refused.map(({ body }) => body['error'].error_message)).size, 1)
  assert.deepEqual([never.status, self.status], [404, 400])
  assert.equal((await chats(jane)).length, 0)
})

test('The buyer of a salon’s booking and its master may write to each other', async () => {
  const owner = await house.person('provider')
  const made = await house.call('POST', '/api/v1/organizations/', { token: owner.token, json: { name: 'Spa' } })
  const organization_id = made.body['data'].id
  const jane = await house.person()
  const json = { title: 'Sauna', description: 'Hot', price: 10, payment: 'on_site', organization_id, staff: [owner.id] }
  const service = (await house.call('POST', '/api/v1/services/', { token: owner.token, json })).body['data'].id
  await house.call('POST', '/api/v1/schedules/', {
    token: owner.token,
    json: { kind: 'weekly', weekday: 2, start_time: '09:00', end_time: '17:00', time_zone: 'UTC' },
  })

  await book(house, jane, service)

  assert.equal((await say(owner, jane, 'Welcome'))['sender'].id, owner.id)
})

test('A stranger and an administrator without the support see nothing of a chat and change nothing', async () => {
  const olena = await openProvider(house)
  const jane = await house.person()
  const { id, chat_id } = await say(jane, olena, 'A secret')
  const strangers = [
    await house.person(),
    await openProvider(house),
    await house.person('management'),
    await house.person('super_admin'),
  ]

  for (const who of strangers) {
    const tries = [
      get(who, `${id}/`),
      put(who, `${id}/`, { text: 'Mine' }),
      remove(who, `messages/${id}/`),
      get(who, `chats/${chat_id}/`),
      get(who, `chats/${chat_id}/messages/`),
      post(who, 'messages/', { chat_id, text: 'Mine' }),
      post(who, `chats/${chat_id}/read/`, {}),
      post(who, `chats/${chat_id}/mute/`),
      remove(who, `chats/${chat_id}/mute/`),
      post(who, `messages/${id}/report/`, { reason: 'I want it' }),
      post(who, 'blocks/', { user_id: jane.id }),
    ]
    assert.deepEqual(
      (await Promise.all(tries)).map(({ status }) => status),
      tries.map(() => 404),
    )
    assert.deepEqual([(await chats(who)).length, (await data(get(who, '')))['count']], [0, 0])
  }
  assert.deepEqual(await words(jane, chat_id), ['A secret'])
})

test('A message goes to one place, and says something', async () => {
  const olena = await openProvider(house)
  const jane = await house.person()
  const { chat_id } = await say(jane, olena, 'Hello')

  const tries = [
    { text: 'Nowhere' },
    { recipient_id: olena.id, chat_id, text: 'Twice' },
    { chat_id },
    { chat_id, text: ' \n ' },
    { chat_id, text: 'x'.repeat(4001) },
    { chat_id, text: 5 },
    { chat_id, text: 'a file', attachment_ids: [99_999] },
  ]

  for (const json of tries) assert.equal((await post(jane, 'messages/', json)).status, 400, JSON.stringify(json))
  assert.deepEqual(await words(jane, chat_id), ['Hello'])
})

test('Who wrote a message changes it within a day, and everybody sees that; the other side may not', async () => {
  const olena = await openProvider(house)
  const jane = await house.person()
  const { id, chat_id } = await say(jane, olena, 'Helo')

  const changed = await data(put(jane, `${id}/`, { text: 'Hello' }))
  const refused = await put(olena, `messages/${id}/`, { text: 'Mine' })
  house.pass({ minutes: 20 })
  const last = (await chats(olena))[0]!['last_message']

  assert.deepEqual([changed['text'], changed['edited_at']], ['Hello', '2026-01-12T08:00:00Z'])
  assert.deepEqual(last, changed)
  assert.equal(refused.status, 403)
  const told = (await streamOf(house, olena)).filter(({ type }) => type.startsWith('message.'))
  assert.deepEqual(
    told.map(({ type, data: { text } }) => [type, text]),
    [
      ['message.created', 'Helo'],
      ['message.updated', 'Hello'],
    ],
  )
  assert.deepEqual(await words(olena, chat_id), ['Hello'])
})

test('A deleted message leaves its place without words, also in what is still to be told, and counts as unread no more', async () => {
  const olena = await openProvider(house)
  const jane = await house.person()
  const { id, chat_id } = await say(jane, olena, 'My number is 5')
  await say(jane, olena, 'Sorry')

  const refused = await remove(olena, `${id}/`)
  const deleted = await remove(jane, `messages/${id}/`)
  const again = await remove(jane, `${id}/`)
  const changed = await put(jane, `${id}/`, { text: 'Back' })

  assert.deepEqual([refused.status, deleted.status, again.status, changed.status], [403, 200, 200, 409])
  assert.deepEqual(await words(olena, chat_id), ['†', 'Sorry'])
  assert.equal((await chats(olena))[0]!['unread_count'], 1)
  const told = await streamOf(house, olena)
  assert.ok(!JSON.stringify(told).includes('My number'))
  assert.equal(told.at(-1)!['type'], 'message.deleted')
  assert.equal((await data(get(olena, '?search=number')))['count'], 0)
})
