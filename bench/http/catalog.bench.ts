import type { Bench, Row } from '../run.ts'
import { seeded } from '../seeded.ts'
import { closeHouses, openHouse, threeOf, type Ask } from './house.ts'
import type { Statement } from './server.ts'
import { large, small, type TownSize } from './town.ts'

const sizes: [string, TownSize, boolean][] = [
  ['1,000 services, 10,000 bookings', small, false],
  ['100,000 services, 1,000,000 bookings', large, true],
]
const base = ['statements', 'bare answer']

function details({ services }: TownSize): Ask[] {
  const next = seeded(7)
  return Array.from({ length: 40 }, () => ({ path: `/api/v1/services/${1 + Math.floor(next() * services)}/` }))
}

const first: Ask[] = [{ path: '/api/v1/services/' }]
const deep = ({ services }: TownSize): Ask[] => {
  const next = seeded(8)
  const pages = services / 20
  return Array.from({ length: 20 }, () => ({
    path: `/api/v1/services/?page=${Math.floor(pages * (0.5 + next() / 2))}`,
  }))
}
const searches: Ask[] = ['massage 12', 'piano', 'урок', 'hair 77', 'yoga number 9'].map((words) => ({
  path: `/api/v1/services/?search=${encodeURIComponent(words)}`,
}))

/** The two statements of a plain search, each word anywhere in title or description. */
const plain = ({ path }: Ask): Statement[] => {
  const words = new URL(path, 'http://localhost').searchParams.get('search')!.split(' ')
  const where = `FROM services s LEFT JOIN users u ON u.id = s.provider_id WHERE s.is_listed AND ${words
    .map((_, i) => `(s.title ILIKE $${i + 1} OR s.description ILIKE $${i + 1})`)
    .join(' AND ')}`
  const values = words.map((word) => `%${word}%`)
  return [
    { text: `SELECT s.*, u.first_name, u.last_name ${where} ORDER BY s.created_at DESC, s.id DESC LIMIT 20`, values },
    { text: `SELECT count(*) ${where}`, values },
  ]
}

/** What is asked when every page counts exactly. */
const exactCount: Statement = {
  text: 'SELECT count(*) AS count FROM services l WHERE l.is_listed AND $1::boolean',
  values: [true],
}

const rows = sizes.flatMap(([title, size, full]): Row[] => [
  {
    name: `service detail, ${title}`,
    base,
    full,
    limits: { Banister: 2.6 },
    prepare: async () => (await threeOf(await openHouse(size), details(size))).subjects,
  },
  {
    name: `list of 20 with count, ${title}`,
    base,
    full,
    limits: { Banister: 1.7 },
    prepare: async () => (await threeOf(await openHouse(size), first)).subjects,
  },
  {
    name: `list with an exact count each time, and its deep pages, ${title}`,
    base: 'statements of the first page, counted exactly',
    full,
    limits: full ? { 'statements of the first page': 0.1 } : {},
    prepare: async () => {
      const house = await openHouse(size)
      const [page] = (await threeOf(house, first)).recorded
      const far = (await threeOf(house, deep(size))).recorded
      return {
        'statements of the first page': await house.statements([page!.statements]),
        'statements of the first page, counted exactly': await house.statements([[...page!.statements, exactCount]]),
        'statements of deep pages': await house.statements(far.map(({ statements }) => statements)),
      }
    },
  },
  {
    name: `deep pages, ${title}`,
    base: 'first page',
    full,
    limits: { 'deep pages': 3 },
    prepare: async () => {
      const house = await openHouse(size)
      await threeOf(house, deep(size))
      return { 'first page': house.product(first), 'deep pages': house.product(deep(size)) }
    },
  },
  {
    name: `search, ${title}`,
    base,
    full,
    limits: { Banister: 1.3 },
    prepare: async () => (await threeOf(await openHouse(size), searches)).subjects,
  },
  {
    name: `search against two plain ILIKE queries, ${title}`,
    base: 'plain ILIKE',
    full,
    limits: { statements: 0.34 },
    prepare: async () => {
      const house = await openHouse(size)
      const { subjects } = await threeOf(house, searches)
      return { statements: subjects.statements, 'plain ILIKE': await house.statements(searches.map(plain)) }
    },
  },
])

export default { name: 'http catalog', rows, end: closeHouses } satisfies Bench
