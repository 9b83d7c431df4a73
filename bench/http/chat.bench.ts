import { sql } from 'kysely'
import type { Bench, Row } from '../run.ts'
import { closeHouses, openHouse, threeOf, threeOfWrites, type Ask, type House } from './house.ts'
import { askedProviders, small } from './town.ts'

/** Writes cannot be repeated at will: each round has so many, of which each is made once. */
const repeats = 40
const recordedWrites = 240
const size = '10,000 bookings'

const text = 'Hello, may I come half an hour later tomorrow? The bus is late again.'

/** The fifty providers, each with a chat of the customer and a first message in it. */
async function recipientsOf(house: House): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    SELECT provider_id AS id FROM services WHERE id = ANY (${house.town.services}::bigint[]) ORDER BY id LIMIT ${askedProviders}`.execute(
    house.app.house.db,
  )
  return rows.map(({ id }) => id)
}

let sent = 0
const messages = (recipients: readonly number[], count: number): Ask[] =>
  Array.from({ length: count }, () => {
    const n = sent++
    const body = { recipient_id: recipients[n % recipients.length], text: `${text} ${n}`, client_id: `bench-${n}` }
    return { method: 'POST', path: '/api/v1/message/messages/', body, signedIn: true }
  })

const rows: Row[] = [
  {
    name: `chat send, ${size}`,
    base: ['statements', 'bare answer'],
    repeats,
    limits: { Banister: 2.2 },
    prepare: async () => {
      const house = await openHouse(small)
      const recipients = await recipientsOf(house)
      return threeOfWrites(house, messages(recipients, recordedWrites), messages(recipients, 6000))
    },
  },
  {
    name: `own chats and a chat’s messages, ${size}`,
    base: ['statements', 'bare answer'],
    limits: { Banister: 2.2 },
    prepare: async () => {
      const house = await openHouse(small)
      const first = messages(await recipientsOf(house), askedProviders)
      const [made] = await house.record(first)
      const { chat_id } = (JSON.parse(made!.answer) as { data: { chat_id: number } }).data
      const asks = ['chats/', `chats/${chat_id}/messages/`].map((path) => ({
        path: `/api/v1/message/${path}`,
        signedIn: true,
      }))
      return (await threeOf(house, asks)).subjects
    },
  },
]

export default { name: 'http chat', rows, end: closeHouses } satisfies Bench
