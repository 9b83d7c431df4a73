import assert from 'node:assert/strict'
import type { Answer, House, Person } from '../../../test/support.ts'

export type Json = Answer['body']

/** A provider with a service on offer, open on Tuesday, 13 January 2026. */
export async function openProvider(house: House, extra: Json = {}): Promise<Person & { service: number }> {
  const provider = await house.person('provider', extra)
  const json = { title: 'Massage', description: 'An hour', price: 50, payment: 'on_site' }
  const made = await house.call('POST', '/api/v1/services/', { token: provider.token, json })
  assert.equal(made.status, 201, made.text)
  const hours = { kind: 'weekly', weekday: 2, start_time: '09:00', end_time: '17:00', time_zone: 'UTC' }
  const opened = await house.call('POST', '/api/v1/schedules/', { token: provider.token, json: hours })
  assert.equal(opened.status, 201, opened.text)
  return { ...provider, service: made.body['data'].id }
}

/** Books an hour of the provider on 13 January. */
export async function book(house: House, customer: Person, service: number, hour = 10): Promise<number> {
  const date = `2026-01-13T${String(hour).padStart(2, '0')}:00:00Z`
  const booked = await house.call('POST', '/api/v1/bookings/', { token: customer.token, json: { service, date } })
  assert.equal(booked.status, 201, booked.text)
  return booked.body['data'].id
}

/** The data of an answer that has this status. */
const data = async (answer: Promise<Answer>, status = 200): Promise<Json> => {
  const { body, text, status: got } = await answer
  assert.equal(got, status, text)
  return body['data']
}

/** What a test asks of the chat, as somebody. */
export function talkOf(house: House) {
  const ask =
    (method: 'GET' | 'POST' | 'PUT' | 'DELETE') =>
    (who: Person, path: string, json?: Json): Promise<Answer> =>
      house.call(method, `/api/v1/message/${path}`, { token: who.token, ...(json ? { json } : {}) })
  const [get, post, put, remove] = [ask('GET'), ask('POST'), ask('PUT'), ask('DELETE')]
  /** Sends words to a person; answers the message. */
  const say = (who: Person, to: Person, text: string, more: Json = {}): Promise<Json> =>
    data(post(who, 'messages/', { recipient_id: to.id, text, ...more }), 201)
  const chats = async (who: Person): Promise<Json[]> => (await data(get(who, 'chats/')))['results']
  /** The words of a chat, the oldest first; system lines between brackets, tombstones as a dagger. */
  const words = async (who: Person, chat: number, query = '?page_size=100'): Promise<string[]> =>
    (await data(get(who, `chats/${chat}/messages/${query}`)))['results']
      .map((line: Json) => (line['deleted'] ? '†' : line['kind'] === 'system' ? `[${line['text']}]` : line['text']))
      .toReversed()
  return { get, post, put, remove, data, say, chats, words }
}

/** What stands in somebody's stream since a number: types and data. */
export async function streamOf(house: House, who: Person, after = 0): Promise<Json[]> {
  return house.house.db
    .selectFrom('stream_entries')
    .where('user_id', '=', who.id)
    .where('seq', '>', after)
    .select(['seq', 'type', 'data'])
    .orderBy('seq')
    .execute()
}
