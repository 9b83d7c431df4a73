import assert from 'node:assert/strict'
import { test } from 'node:test'
import { roles, type Role } from '../server/platform/context.ts'
import { documentOf, faultOf, neededQuery, pathWith, unknownId, type Described } from './document.ts'
import { openHouse, type CallOptions, type Person } from './support.ts'

/**
 * Asks every operation of the document for nonsense: never a 5xx, never an answer outside the envelope, never a leak.
 * The run is the same every time; FUZZ_SEED and FUZZ_CASES ask for another or a longer one.
 */
const house = await openHouse()
const { operations } = await documentOf(house)
const seed = Number(process.env['FUZZ_SEED'] ?? 20_260_112) // eslint-disable-line node/no-process-env -- of the test alone
const cases = Number(process.env['FUZZ_CASES'] ?? 20) // eslint-disable-line node/no-process-env -- of the test alone

/** Mulberry32: small, and the same everywhere. */
function randomFrom(start: number): () => number {
  let state = start
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const nested = (depth: number): unknown => JSON.parse('{"a":'.repeat(depth) + '1' + '}'.repeat(depth))
const texts = [
  '', ' ', 'x'.repeat(300), 'x'.repeat(20_000), '\u0000', 'a\u0000b', '\ud800', 'a\udc00', '\u202e\u200b', '😀'.repeat(80), 'é'.normalize('NFD'),
  "' OR 1=1 --", '"; DROP TABLE users; --', '$1', '%', '_', '\\', '<script>alert(1)</script>', '{{7*7}}${7*7}<%= 7*7 %>', '{name}{count}|x|y',
  '../../../etc/passwd', '%2e%2e%2f', '%00', 'a\r\nSet-Cookie: a=b', 'a\r\nBcc: b@example.com', '__proto__', 'constructor', 'toString', 'null', 'NaN',
  '-1', '1e5', '0x10', '1'.repeat(400), '2026-02-30', '0000-00-00', '9999-12-31', '-271821-04-19', '+275760-09-13', '0001-01-01', '2026-01-15',
  '2026-01-15T25:00:00Z', '9999-12-31T23:59:59.999999999Z', '0001-01-01T00:00:00+23:59', '2026-01-15T14:00:00Z', '2026-01-15T14:00', '23:59', '24:00', '99:99',
  'Europe/Kyiv', 'Etc/GMT+99', '+02:00', '../etc/localtime', 'a@b', `${'a'.repeat(64)}@${'b.'.repeat(90)}com`, 'jane@example.com\n', '(555) 123-4567', '+999999999999999',
  'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30', 'FREQ=SECONDLY;COUNT=999999999', '0199c3a2-7c1e-7b6e-9d0a-000000000000', 'USD', 'XXX', '#12', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!',
] // prettier-ignore
const hostile: unknown[] = [
  ...texts, null, true, false, 0, -1, 1, 0.1, 1.005, 1e308, -1e308, 1e-308, 2_147_483_648, 9_007_199_254_740_991, 2 ** 53 + 2, -0,
  [], [null], [[]], ['x'], [1, 1], ['x', 'x'], Array.from({ length: 2000 }, (_, i) => i), Array.from({ length: 200 }, () => ({})), {}, { a: 1 }, { id: 1, kind: 'x' },
  { $ne: null }, { length: 1e9 }, { toString: 1, toJSON: 1 }, nested(2000),
] // prettier-ignore

const people = new Map<Role, Person>()
async function personOf(role: Role): Promise<Person> {
  const person = people.get(role) ?? (await house.person(role))
  people.set(role, person)
  return person
}
const roleFor = ({ who }: Described): Role =>
  Array.isArray(who) ? (who[0] as Role) : who.startsWith('admin') ? 'super_admin' : 'provider'

const finds: string[] = []
let asked = 0

/** Calls an operation and notes what is wrong with the answer, with what was asked. */
async function ask(operation: Described, path: string, options: CallOptions): Promise<void> {
  const role = roleFor(operation)
  const { token } = await personOf(role)
  const answer = await house.call(operation.method, path, { token, ...options })
  asked++
  // Signed out, or the account closed, by an earlier case.
  if (answer.status === 401) people.delete(role)
  const fault = faultOf(answer)
  if (fault) {
    const what = options.payload ?? JSON.stringify(options.json) ?? ''
    finds.push(
      `${operation.method} ${path.slice(0, 300)} ${fault}\n  asked: ${String(what).slice(0, 300)}\n  told: ${answer.text.slice(0, 300)}`,
    )
  }
}

const ending = operations.filter(({ type }) => type !== 'text/event-stream')
const withBody = ending.filter(({ body }) => body !== undefined)
const json = { 'content-type': 'application/json' }

/** The example with one place of it, anywhere in its depth, changed. */
function spoil(example: unknown, random: () => number): unknown {
  const copy = structuredClone(example)
  const places: [holder: Record<string, unknown>, key: string][] = []
  const visit = (value: unknown): void => {
    if (value === null || typeof value !== 'object') return
    for (const [key, inner] of Object.entries(value)) {
      places.push([value as Record<string, unknown>, key])
      visit(inner)
    }
  }
  visit(copy)
  const place = places[Math.floor(random() * places.length)]
  const value = hostile[Math.floor(random() * hostile.length)]
  if (!place || random() < 0.05) return value
  if (random() < 0.1) delete place[0][place[1]]
  else place[0][place[1]] = value
  return copy
}

test('Bodies with anything anywhere are answered in the envelope', async () => {
  const random = randomFrom(seed)
  for (const operation of withBody) {
    // Hashing passwords is slow on purpose.
    const some = operation.path.startsWith('/api/v1/auth/') ? cases / 2 : cases
    for (let i = 0; i < some; i++) {
      const path = pathWith(operation, random() < 0.7 ? unknownId : () => '1') + neededQuery(operation)
      const headers = {
        ...json,
        ...(random() < 0.1 ? { 'idempotency-key': `fuzz-${i % 3}` } : {}),
        ...(random() < 0.1 ? { 'if-match': '*' } : {}),
      }
      await ask(operation, path, { headers, payload: JSON.stringify(spoil(operation.example, random)) ?? '' })
    }
  }

  assert.ok(asked > withBody.length * 5)
  assert.deepEqual(finds.splice(0), [])
})

test('Queries, ids and headers with anything in them are answered in the envelope', async () => {
  const random = randomFrom(seed + 1)
  const any = (): string => encodeURIComponent(texts[Math.floor(random() * texts.length)]!.toWellFormed())
  for (const operation of ending) {
    const names = [...operation.query.map(({ name }) => name), 'unknown', '__proto__', 'page']
    for (let i = 0; i < cases / 2; i++) {
      const path = pathWith(operation, random() < 0.5 ? () => any() || '1' : unknownId)
      const picked = Array.from(
        { length: 1 + Math.floor(random() * 3) },
        () => names[Math.floor(random() * names.length)]!,
      )
      const query = picked
        .map((name) => `${name}${random() < 0.1 ? '[]' : ''}=${any()}`)
        .join(random() < 0.9 ? '&' : ';')
      const needed = random() < 0.5 ? neededQuery(operation).replace('?', '&') : ''
      const headers =
        random() < 0.2
          ? { 'accept-language': any(), 'if-none-match': any(), 'x-request-id': any(), 'user-agent': any() }
          : {}
      await ask(operation, `${path}?${query}${needed}`, { headers })
    }
  }

  assert.deepEqual(finds.splice(0), [])
})

test('What is no JSON, of another type, too large or too deep is refused in the envelope', async () => {
  const broken: CallOptions[] = [
    ...[
      '',
      '{',
      '{"a":}',
      '[1,]',
      'null',
      '""',
      '0',
      '\ufeff{}',
      '{"a":1}{"a":1}',
      "{'a':1}",
      '\u0000',
      '{"a":1e999}',
    ].map((payload) => ({ payload, headers: json })),
    ...['{"__proto__":{"role":"admin"}}', '{"constructor":{"prototype":{"role":"admin"}}}', '{"a":"\\ud800"}'].map(
      (payload) => ({ payload, headers: json }),
    ),
    { payload: Buffer.from([0xff, 0xfe, 0x00, 0xc3, 0x28]), headers: json },
    { payload: '['.repeat(50_000) + ']'.repeat(50_000), headers: json },
    { payload: '{"a":'.repeat(50_000), headers: json },
    { payload: `{"a":"${'x'.repeat(1_100_000)}"}`, headers: json },
    { payload: '{}', headers: { 'content-type': 'text/plain' } },
    { payload: 'a=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    { payload: '<a/>', headers: { 'content-type': 'application/xml' } },
    { payload: '--x\r\n\r\n', headers: { 'content-type': 'multipart/form-data; boundary=x' } },
    { payload: 'x', headers: { 'content-type': 'multipart/form-data' } },
    { payload: '{}', headers: { 'content-type': 'application/json; charset=utf-16' } },
    { payload: '{}', headers: { 'content-type': 'nonsense' } },
    { payload: 'x', headers: { ...json, 'content-encoding': 'gzip' } },
  ]
  for (const operation of ending.filter(({ method }) => method !== 'GET')) {
    for (const options of broken) await ask(operation, pathWith(operation, unknownId), options)
  }

  assert.deepEqual(finds.splice(0), [])
})

test('Nobody becomes more than they are by sending more than is asked for', async () => {
  const more = {
    id: 999_999,
    role: 'super_admin',
    is_active: false,
    permissions: ['admin_management'],
    user_id: 1,
    owner_id: 1,
    created_at: '2020-01-01T00:00:00Z',
    email_confirmed: true,
  }
  const customer = await house.person()
  const before = await powers()
  for (const operation of withBody.filter(
    ({ who }) =>
      who === 'public' ||
      who === 'any' ||
      (Array.isArray(who) && roles.some((role) => who.includes(role) && role === 'customer')),
  )) {
    const enriched = {
      ...(operation.example as object),
      ...more,
      profile: { ...more },
      provider_profile: { ...more, rating: 5, is_verified: true },
    }
    await house.call(operation.method, pathWith(operation, unknownId), { token: customer.token, json: enriched })
    await house.call(operation.method, pathWith(operation, unknownId), {
      token: customer.token,
      json: { ...(operation.example as object), ...more },
    })
  }

  assert.deepEqual(await powers(), before)
})

/** Who holds power, and which ids and confirmations nobody was given. */
async function powers(): Promise<unknown> {
  const { db } = house.house
  const administrators = await db
    .selectFrom('users')
    .where('role', 'not in', ['customer', 'provider', 'management'])
    .select(['id', 'role'])
    .execute()
  const permissions = await db.selectFrom('admin_permissions').select(['user_id', 'permission']).execute()
  const odd = await db
    .selectFrom('users')
    .where((is) =>
      is.or([is('id', '>=', 999_999), is('is_active', '=', false), is('email_confirmed_at', 'is not', null)]),
    )
    .select('id')
    .execute()
  return { administrators, permissions, odd }
}
