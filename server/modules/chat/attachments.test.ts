import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, type Person } from '../../../test/support.ts'
import { form, pdf } from '../../platform/files/samples.fixture.ts'
import { openProvider, streamOf, talkOf, type Json } from './support.fixture.ts'

const house = await openHouse()
const { get, post, put, remove, data, say, chats } = talkOf(house)

async function upload(who: Person): Promise<number> {
  const { headers, payload } = form(pdf(), { name: 'plan.pdf' })
  const made = await house.call('POST', '/api/v1/files/attachments/', { token: who.token, headers, payload })
  assert.equal(made.status, 201, made.text)
  return made.body['data'].id
}
const load = async (url: string): Promise<number> =>
  (await house.http.inject({ method: 'GET', url: new URL(url).pathname })).statusCode

test('A message bears files without words, which both load by links of the moment and a stranger does not', async () => {
  const olena = await openProvider(house)
  const [jane, stranger] = [await house.person(), await house.person()]
  const id = await upload(jane)

  const sent = await data(
    post(jane, 'messages/', { recipient_id: olena.id, attachment_ids: [id], client_id: 'f1' }),
    201,
  )
  const again = await data(
    post(jane, 'messages/', { recipient_id: olena.id, attachment_ids: [id], client_id: 'f1' }),
    201,
  )
  const read = await data(get(olena, `${sent['id']}/`))
  const ears = await get(stranger, `${sent['id']}/`)

  assert.deepEqual([sent['text'], sent['attachments'][0].name, again['id']], ['', 'plan.pdf', sent['id']])
  assert.deepEqual(
    read['attachments'].map(({ id: one, size }: Json) => [one, size]),
    [[id, pdf().length]],
  )
  assert.equal(await load(read['attachments'][0].url), 200)
  assert.equal(ears.status, 404)
  const told = (await streamOf(house, olena)).find(({ type }) => type === 'message.created')!
  assert.deepEqual([told['data'].attachments[0].name, told['data'].attachments[0].url], ['plan.pdf', null])
  assert.equal((await chats(olena))[0]!['last_message'].attachments.length, 1)
})

test('Another’s file, one that is used, and one that never was are refused, and then nothing is sent', async () => {
  const olena = await openProvider(house)
  const jane = await house.person()
  const { chat_id } = await say(jane, olena, 'Hello')
  const [hers, used] = [await upload(olena), await upload(jane)]
  await data(post(jane, 'messages/', { chat_id, text: 'First', attachment_ids: [used] }), 201)

  for (const id of [hers, used, 99_999_999]) {
    const refused = await post(jane, 'messages/', { chat_id, text: 'Second', attachment_ids: [id] })
    assert.deepEqual([refused.status, refused.body['error'].details[0].field], [400, 'attachment_ids.0'])
  }

  assert.deepEqual([(await chats(olena))[0]!['last_seq'], (await chats(olena))[0]!['unread_count']], [2, 2])
})

test('Changed words keep the files, a deleted message takes them with it', async () => {
  const olena = await openProvider(house)
  const jane = await house.person()
  const { chat_id } = await say(jane, olena, 'Hello')
  const json = { chat_id, text: 'The plan', attachment_ids: [await upload(jane)] }
  const { id } = await data(post(jane, 'messages/', json), 201)

  const changed = await data(put(jane, `${id}/`, { text: 'The new plan' }))
  const { url } = changed['attachments'][0]
  const before = await load(url)
  await data(remove(jane, `${id}/`))
  await house.drain()

  assert.deepEqual([before, await load(url)], [200, 404])
  assert.deepEqual((await data(get(olena, `${id}/`)))['attachments'], [])
  assert.deepEqual(
    await house.house.db
      .selectFrom('attachments')
      .where('target_kind', '=', 'message')
      .where('target_id', '=', String(id))
      .select('id')
      .execute(),
    [],
  )
})
