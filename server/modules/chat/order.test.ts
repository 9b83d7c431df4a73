import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse } from '../../../test/support.ts'
import { book, openProvider, talkOf, type Json } from './support.fixture.ts'

/** What is numbered, counted and repeated: order, unread counts, pages, the ids of clients, searches. */

const house = await openHouse()
const { get, post, remove, data, say, chats, words } = talkOf(house)

/** A chat of a customer and a provider with so many lines of the customer. */
async function talk(lines: number, firstName = 'Jane') {
  const olena = await openProvider(house)
  const jane = await house.person('customer', { first_name: firstName })
  const { chat_id: chat } = await say(jane, olena, 'line 1')
  for (let i = 2; i <= lines; i++) await data(post(jane, 'messages/', { chat_id: chat, text: `line ${i}` }), 201)
  return { olena, jane, chat: chat as number }
}
const unread = async (who: Parameters<typeof chats>[0]): Promise<number> => (await chats(who))[0]!['unread_count']

/** The numbers from one down to another. */
const down = (from: number, to: number): number[] => Array.from({ length: from - to + 1 }, (_, i) => from - i)

test('Of first messages that come at once, from both sides, one chat comes, and no line of it is lost', async () => {
  const olena = await openProvider(house)
  const petro = await openProvider(house)

  const sent = await Promise.all(
    Array.from({ length: 12 }, (_, i) => (i % 2 ? say(olena, petro, `o${i}`) : say(petro, olena, `p${i}`))),
  )

  assert.equal(new Set(sent.map(({ chat_id }) => chat_id)).size, 1)
  assert.deepEqual(
    sent.map(({ seq }) => seq).toSorted((a, b) => a - b),
    Array.from({ length: 12 }, (_, i) => i + 1),
  )
  assert.deepEqual([await unread(olena), await unread(petro)], [6, 6])
})

test('Numbers rise without gaps and in the order of the ids, also where sends fail in between', async () => {
  const { olena, jane, chat } = await talk(1)

  await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      post(i % 2 ? olena : jane, 'messages/', {
        chat_id: chat,
        text: `at once ${i}`,
        ...(i % 5 === 0 ? { attachment_ids: [99_999] } : {}),
      }),
    ),
  )

  const { results, count } = await data(get(jane, `chats/${chat}/messages/?page_size=100`))
  assert.equal(count, 17)
  assert.deepEqual(
    results.map((line: Json) => line['seq']),
    Array.from({ length: 17 }, (_, i) => 17 - i),
  )
  const ids = results.map((line: Json) => line['id'])
  assert.deepEqual(
    ids,
    ids.toSorted((a: number, b: number) => b - a),
  )
})

test('The same client_id is the same message, however often and however at once it is sent; for another one it is refused', async () => {
  const { olena, jane, chat } = await talk(1)
  const wish = { chat_id: chat, text: 'Once', client_id: 'wish-1' }

  const answers = await Promise.all(Array.from({ length: 6 }, () => post(jane, 'messages/', wish)))
  await data(
    house.call('PUT', `/api/v1/message/${answers[0]!.body['data'].id}/`, {
      token: jane.token,
      json: { text: 'Edited' },
    }),
  )
  const late = await post(jane, '', { recipient_id: olena.id, text: 'Once', client_id: 'wish-1' })
  const other = await post(jane, 'messages/', { ...wish, text: 'Twice' })
  const hers = await post(olena, 'messages/', wish)

  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([201]))
  assert.equal(new Set(answers.map(({ body }) => body['data'].id)).size, 1)
  assert.deepEqual(
    [late.status, late.body['data'].id, late.body['data'].text],
    [201, answers[0]!.body['data'].id, 'Edited'],
  )
  assert.deepEqual([other.status, hers.status], [409, 201])
  assert.deepEqual(await words(jane, chat), ['line 1', 'Edited', 'Once'])
  assert.equal(await unread(olena), 2)
})

test('The same client_id for two chats at once makes one message, and the other is refused', async () => {
  const jane = await house.person()
  const people = await Promise.all([openProvider(house), openProvider(house), openProvider(house)])
  for (const person of people) await say(jane, person, 'Hello')

  const answers = await Promise.all(
    people.map(({ id }) => post(jane, 'messages/', { recipient_id: id, text: 'Same', client_id: 'wish-2' })),
  )

  assert.deepEqual(
    answers.map(({ status }) => status).toSorted((a, b) => a - b),
    [201, 409, 409],
  )
})

test('With an Idempotency-Key a refused client_id is answered as such, and nothing is left of it', async () => {
  const { jane, chat } = await talk(1)
  await post(jane, 'messages/', { chat_id: chat, text: 'One', client_id: 'wish-3' })
  const send = (): Promise<Json> =>
    house.call('POST', '/api/v1/message/messages/', {
      token: jane.token,
      headers: { 'idempotency-key': 'key-1' },
      json: { chat_id: chat, text: 'Two', client_id: 'wish-3' },
    })

  const [first, again] = [await send(), await send()]

  assert.deepEqual([first['status'], again['status'], again['headers']['idempotency-replayed']], [409, 409, 'true'])
  assert.deepEqual(await words(jane, chat), ['line 1', 'One'])
})

test('Reading up to a line leaves what came after unread, can be repeated, and never goes back', async () => {
  const { olena, jane, chat } = await talk(5)

  const some = await data(post(olena, `chats/${chat}/read/`, { seq: 3 }))
  const back = await data(post(olena, `chats/${chat}/read/`, { seq: 1 }))
  const beyond = await data(post(olena, `chats/${chat}/read/`, { seq: 1000 }))
  await post(jane, 'messages/', { chat_id: chat, text: 'line 6' })

  assert.deepEqual(some, { chat_id: chat, last_read_seq: 3, unread_count: 2 })
  assert.deepEqual(back, some)
  assert.deepEqual(beyond, { chat_id: chat, last_read_seq: 5, unread_count: 0 })
  const [[hers], [mine]] = [await chats(olena), await chats(jane)]
  assert.deepEqual([hers!['unread_count'], hers!['last_read_seq'], mine!['other_last_read_seq']], [1, 5, 5])
  assert.equal((await data(get(olena, 'chats/?unread=true')))['count'], 1)
  assert.equal((await data(get(jane, 'chats/?unread=true')))['count'], 0)
})

test('System lines count as unread for nobody, and the last message stays what a person wrote', async () => {
  const { olena, jane, chat } = await talk(1)
  await book(house, jane, olena.service)
  await house.drain()

  const [mine] = await chats(olena)

  assert.deepEqual([mine!['unread_count'], mine!['last_seq'], mine!['last_message'].text], [1, 2, 'line 1'])
  assert.deepEqual(await words(jane, chat), ['line 1', '[Booked: Massage, Tue, January 13, 2026 at 10:00 AM UTC]'])
})

test('Counts stay what counting would give, whatever is sent, read and deleted at once', async () => {
  const { olena, jane, chat } = await talk(3)
  let seed = 7
  const random = (n: number): number => (seed = (seed * 48_271) % 2_147_483_647) % n

  for (let round = 0; round < 6; round++)
    await Promise.all(
      Array.from({ length: 8 }, async (_, i) => {
        const who = random(2) ? olena : jane
        const dice = random(4)
        if (dice < 2) return post(who, 'messages/', { chat_id: chat, text: `${round} ${i}` })
        if (dice === 2) return post(who, `chats/${chat}/read/`, { seq: 1 + random(20) })
        const { results } = await data(get(who, `chats/${chat}/messages/`))
        const own = results.find((line: Json) => line['sender'].id === who.id && !line['deleted'])
        return own && remove(who, `messages/${own['id']}/`)
      }),
    )

  for (const who of [olena, jane]) {
    const [listed] = await chats(who)
    const { results } = await data(get(who, `chats/${chat}/messages/?page_size=100`))
    const counted = results.filter(
      (line: Json) => line['seq'] > listed!['last_read_seq'] && line['sender'].id !== who.id && !line['deleted'],
    )
    assert.equal(listed!['unread_count'], counted.length)
  }
})

test('Scrolling back and catching up find every line once while new ones come', async () => {
  const { jane, chat } = await talk(25)
  const seqs = async (query: string): Promise<number[]> =>
    (await data(get(jane, `chats/${chat}/messages/${query}`)))['results'].map((line: Json) => line['seq'])

  const newest = await seqs('?page_size=10')
  await data(post(jane, 'messages/', { chat_id: chat, text: 'line 26' }), 201)
  const older = await seqs(`?page_size=10&before=${newest.at(-1)!}`)
  const oldest = await seqs(`?page_size=10&before=${newest.at(-1)!}&page=2`)
  const caughtUp = await seqs(`?after=${newest[0]!}`)

  assert.deepEqual([newest, older, oldest, caughtUp], [down(25, 16), down(15, 6), down(5, 1), [26]])
  assert.deepEqual(await seqs('?after=3&page_size=4'), down(7, 4))
  assert.deepEqual(await seqs('?after=3&before=9&page=2&page_size=4'), [8])
  assert.deepEqual(await seqs('?before=1'), [])
  assert.equal((await get(jane, `chats/${chat}/messages/?page=3&page_size=13`)).status, 404)
  const page = await data(get(jane, `chats/${chat}/messages/?page=2&page_size=13`))
  assert.deepEqual([page['count'], page['next'], page['previous'] !== null], [26, null, true])
})

test('A search finds words and parts of words in one’s own chats alone, without case and accents', async () => {
  const { jane, chat, olena } = await talk(1)
  const { jane: other, olena: others } = await talk(1)
  await say(jane, olena, 'Crème brûlée à volonté 100%')
  await say(other, others, 'creme brulee elsewhere')
  await say(olena, jane, 'До ЗУСТРІЧІ')
  const found = async (search: string): Promise<string[]> =>
    (await data(get(jane, `?search=${encodeURIComponent(search)}`)))['results'].map((line: Json) => line['text'])

  assert.deepEqual(await found('BRULEE crem'), ['Crème brûlée à volonté 100%'])
  assert.deepEqual(await found('зустр'), ['До ЗУСТРІЧІ'])
  assert.deepEqual(await found('100%'), ['Crème brûlée à volonté 100%'])
  assert.deepEqual(await found('elsewhere'), [])
  assert.deepEqual(
    (await data(get(jane, ''))).results.map((line: Json) => line['chat_id']),
    [chat, chat, chat],
  )
})
