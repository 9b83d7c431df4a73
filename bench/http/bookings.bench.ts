import { verifyPassword } from '../../server/modules/accounts/passwords.ts'
import { findServicesOffered, getServiceForBooking } from '../../server/modules/catalog/index.ts'
import { questionOf, readKnowledge } from '../../server/modules/bookings/service/question.ts'
import { spanOf } from '../../server/modules/bookings/service/slots.ts'
import { hashPassword } from '../../server/modules/accounts/index.ts'
import { listSlots } from '../../server/time/slots.ts'
import { zoneOf } from '../../server/time/zones.ts'
import type { Bench, Row } from '../run.ts'
import { closeHouses, openHouse, threeOf, threeOfWrites, type Ask, type House } from './house.ts'
import type { Statement } from './server.ts'
import { benchNow } from './settings.ts'
import { large, movable, small, type Town, type TownSize } from './town.ts'

const sizes: [string, TownSize, boolean][] = [
  ['10,000 bookings, none before the span', small, false],
  ['1,000,000 bookings, 5,000 of each before the span', large, true],
]
const base = ['statements', 'bare answer']
const span = { from: '2026-01-13', to: '2026-02-11' }
/** Writes cannot be repeated at will: each round has so many, of which each is made once. */
const repeats = 20
const recordedWrites = 120

const slotsIn = ({ services }: Town, zone: string): Ask => ({
  path: `/api/v1/services/${services[0]}/slots/?from=${span.from}&to=${span.to}&time_zone=${zone}`,
})
const slotsAgain = (town: Town): Ask[] => [slotsIn(town, 'Europe/Kyiv')]
/** More questions than the product keeps answers to, so that each is found out anew: the zones of one offset have the same times. */
const slotsAnew = (town: Town): Ask[] =>
  Intl.supportedValuesOf('timeZone')
    .filter((zone) => ['+02:00', '+03:00', '+01:00'].includes(benchNow.toZonedDateTimeISO(zone).offset))
    .flatMap((zone) =>
      Array.from({ length: 3 }, (_, n) => ({ path: `${slotsIn(town, zone).path}&page_size=${9000 + n}` })),
    )
const providers: Ask[] = [
  {
    path: `/api/v1/bookings/providers/search/?category=Bench&from=${span.from}&to=${span.to}&time_zone=Europe/Kyiv&page_size=50`,
    signedIn: true,
  },
]

/** Bookings of free hours from the 35th day on, each once. */
const creations = ({ services }: Town, from: number, count: number): Ask[] =>
  Array.from({ length: count }, (_, i) => {
    const n = from + i
    const hours = 24 * (35 + Math.floor(n / 450)) + 1 + (Math.floor(n / 50) % 9)
    const date = benchNow.add({ hours }).toString()
    return { method: 'POST', path: '/api/v1/bookings/', body: { service: services[n % 50], date }, signedIn: true }
  })

const moves = ({ bookings }: Town, from: number, count: number): Ask[] =>
  bookings.slice(from, from + count).map(({ id, startsAt }) => ({
    method: 'PUT',
    path: `/api/v1/bookings/${id}/`,
    body: { date: startsAt.add({ hours: 1 }).toString() },
    signedIn: true,
  }))

const signIns = ({ customer: { email, password } }: Town, count: number): Ask[] =>
  Array.from({ length: count }, () => ({ method: 'POST', path: '/api/v1/auth/login/', body: { email, password } }))

const cpuOfThis = async (): Promise<number> => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** What `server/time` is asked by a request about free times, as work of this process. */
async function engineOf({ app, town }: House, all: boolean): Promise<() => unknown> {
  const ctx = app.contextFor('bench')
  const zone = 'Europe/Kyiv'
  const { from, to, days } = spanOf(span.from, span.to, zone)
  const services = all
    ? await findServicesOffered(ctx, { category: 'Bench' })
    : [await getServiceForBooking(ctx, town.services[0]!)]
  const knowledge = await readKnowledge(ctx, { services, from, to, seats: 1 })
  const questions = services.map((service) => ({
    ...questionOf(ctx, service, { seats: 1 }, knowledge, zone),
    zone: zoneOf(zone),
    days,
  }))
  return () => questions.map((question) => listSlots(question).length)
}

/** The one query of a question about free times, while the server has not read them yet: afterwards it knows them and asks only whether they still hold. */
const queries = new Map<string, Promise<Statement[]>>()
const queryOf = (title: string, house: House, all: boolean): Promise<Statement[]> =>
  queries.getOrInsertComputed(`${title} ${all}`, async () => {
    const unasked = { path: `${slotsIn(house.town, 'UTC').path}&page_size=${8000 + Math.floor(Math.random() * 900)}` }
    const [anew] = await house.record(all ? providers : [unasked])
    return anew!.statements.filter(({ text }) => text.includes('LATERAL'))
  })

const freeTimes = (
  title: string,
  size: TownSize,
  full: boolean,
  name: string,
  asksOf: (town: Town) => Ask[],
  all = false,
): Row => ({
  name: `${name}, ${title}`,
  base: ['engine', 'one query'],
  full,
  limits: { Banister: 2 },
  prepare: async () => {
    const house = await openHouse(size)
    const query = await queryOf(title, house, all)
    const { subjects } = await threeOf(house, asksOf(house.town))
    return { engine: await engineOf(house, all), 'one query': await house.statements([query]), ...subjects }
  },
})

const rows = sizes.flatMap(([title, size, full]): Row[] => [
  freeTimes(title, size, full, 'slots of one provider, 30 days, 200 busy, asked for the first time', slotsAnew),
  freeTimes(title, size, full, 'slots of one provider, 30 days, 200 busy, asked again', slotsAgain),
  freeTimes(title, size, full, 'provider search, 50 providers, 30 days, 200 busy each', () => providers, true),
  {
    name: `create booking, ${title}`,
    base,
    full,
    repeats,
    limits: { Banister: 2.2 },
    prepare: async () => {
      const house = await openHouse(size)
      return threeOfWrites(
        house,
        creations(house.town, 0, recordedWrites * 2),
        creations(house.town, recordedWrites * 2, 4000),
      )
    },
  },
  {
    name: `create booking against a bare INSERT, ${title}`,
    base: ['INSERT alone', 'bare answer'],
    full,
    repeats: repeats * 3,
    limits: { Banister: 4 },
    prepare: async () => {
      const house = await openHouse(size)
      const { town } = house
      const text = `INSERT INTO bookings (session_id, service_id, provider_id, customer_id, starts_at, ends_at, seats, status, title, price_minor, currency, payment, requires_approval, cancellation_policy, location_type, created_at, updated_at)
        SELECT session_id, service_id, provider_id, customer_id, starts_at, ends_at, seats, status, title, price_minor, currency, payment, requires_approval, cancellation_policy, location_type, created_at, updated_at FROM bookings WHERE id = $1`
      const [answer] = await house.record(creations(town, 5000, 1))
      return {
        Banister: house.product(creations(town, 5100, 4000), 1),
        'INSERT alone': await house.statements(
          town.bookings.map(({ id }) => [{ text, values: [id] }]),
          true,
        ),
        'bare answer': await house.bare([answer!.answer], 1),
      }
    },
  },
  {
    name: `reschedule, ${title}`,
    base,
    full,
    repeats,
    limits: { Banister: 2.2 },
    prepare: async () => {
      const house = await openHouse(size)
      return threeOfWrites(
        house,
        moves(house.town, 0, recordedWrites * 2),
        moves(house.town, recordedWrites * 2, movable),
      )
    },
  },
  {
    name: `sign-in, ${title}`,
    base: ['Argon2id', ...base],
    full,
    repeats: 8,
    limits: { Banister: 1.5 },
    prepare: async () => {
      const house = await openHouse(size)
      const { password } = house.town.customer
      const hash = await hashPassword(password)
      return {
        ...(await threeOfWrites(house, signIns(house.town, 60), signIns(house.town, 60))),
        Argon2id: { run: () => verifyPassword(password, hash), cpu: cpuOfThis },
      }
    },
  },
])

export default { name: 'http bookings', rows, end: closeHouses } satisfies Bench
