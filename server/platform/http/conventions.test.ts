import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { Type } from 'typebox'
import { serverWith } from '../../../test/platform.ts'
import { openHouse } from '../../../test/support.ts'
import { list, operation } from './operation.ts'
import { pageOf } from './page.ts'
import { Line, Nullable, PageQuery } from './shapes.ts'

const house = await openHouse({ PUBLIC_URL: 'https://banister.example.com' })
/** What the service was given last. */
let given: unknown
const Body = Type.Object({
  name: Line(5, 1),
  count: Type.Integer({ minimum: 1 }),
  inner: Type.Object({ rate: Type.Number(), zone: Type.Optional(Type.String({ format: 'time-zone' })) }),
  tags: Type.Optional(Type.Array(Line(3), { maxItems: 2 })),
  note: Type.Optional(Nullable(Line(9))),
})
const { call } = await serverWith(house, (app) => {
  operation(app, {
    method: 'POST',
    path: '/things/',
    who: 'public',
    tag: 'Test',
    summary: 'A thing',
    body: Body,
    data: Body,
    message: 'Done',
    run: async (_ctx, { body }) => {
      given = body
      return body
    },
  })
  list(app, {
    path: '/numbers/',
    who: 'public',
    tag: 'Test',
    summary: 'Numbers up to something',
    query: Type.Object({ ...PageQuery.properties, to: Type.Integer() }),
    data: Type.Object({ id: Type.Integer() }),
    message: 'Done',
    run: (ctx, { query }) => {
      const numbers = ctx.db
        .selectFrom(sql<{ id: number }>`generate_series(1, ${query.to}::int)`.as('n'))
        .select(sql<number>`n`.as('id'))
        .orderBy(sql`n`)
      return pageOf(ctx, query, `numbers to ${query.to}`, numbers as never)
    },
  })
})
const good = { name: 'a', count: 1, inner: { rate: 1.5 } }
const post = (payload: string | Buffer, headers: Record<string, string> = {}) =>
  call('POST', '/api/v1/things/', { payload, headers: { 'content-type': 'application/json', ...headers } })
const fieldsOf = (answer: { body: Record<string, unknown> }): string[] =>
  ((answer.body['error'] as { details?: { field: string }[] }).details ?? []).map(({ field }) => field)

test('A body of very many values is refused by its first mistake, not by hundreds of thousands', async () => {
  const json = { name: 'a', count: 1, inner: { rate: 1 }, tags: Array(100_000).fill(1) }

  const { status, body } = await call('POST', '/api/v1/things/', { json })

  assert.equal(status, 400)
  assert.deepEqual(
    body['error'].details.map((detail: { field: string; rule: string }) => [detail.field, detail.rule]),
    [['tags', 'maxItems']],
  )
})

test('All mistakes of a body are told at once, each by its path', async () => {
  const answer = await call('POST', '/api/v1/things/', {
    json: { name: 'too long', count: '5', inner: { zone: 'Mars/Base' }, tags: ['ok', 'four'], note: 7 },
  })

  assert.equal(answer.status, 400)
  assert.deepEqual(fieldsOf(answer).toSorted(), ['count', 'inner.rate', 'inner.zone', 'name', 'note', 'tags.1'])
})

test('Bodies are never coerced, and what is not asked for is dropped', async () => {
  for (const count of ['5', null, true, [5], 1.5]) {
    const answer = await call('POST', '/api/v1/things/', { json: { ...good, count } })
    assert.deepEqual(fieldsOf(answer), ['count'], JSON.stringify(count))
  }

  await call('POST', '/api/v1/things/', { json: { ...good, role: 'admin', inner: { rate: 1, id: 3 } } })

  assert.deepEqual(given, { ...good, inner: { rate: 1 } })
})

test('An empty body is told as its missing fields, broken JSON as what it is', async () => {
  const empty = await post('')
  const none = await call('POST', '/api/v1/things/')
  const broken = await post('{"name":')
  const poisoned = await post('{"__proto__": {"count": 1}}')
  const half = await post('{"name":"\\ud83d"}')

  assert.deepEqual(
    [fieldsOf(empty), fieldsOf(none)],
    [
      ['name', 'count', 'inner'],
      ['name', 'count', 'inner'],
    ],
  )
  assert.deepEqual([broken.status, poisoned.status, half.status], [400, 400, 400])
})

test('Another type than JSON is 415, more than a megabyte is 413', async () => {
  const form = await post('a=1', { 'content-type': 'application/x-www-form-urlencoded' })
  const parts = await post('--x--', { 'content-type': 'multipart/form-data; boundary=x' })
  const huge = await post(`{"name":"${'x'.repeat(1024 * 1024)}"}`)

  assert.deepEqual([form.status, form.body['error'].error_number], [415, 'UNSUPPORTED_MEDIA_TYPE'])
  assert.equal(parts.status, 415)
  assert.deepEqual([huge.status, huge.body['error'].error_number], [413, 'PAYLOAD_TOO_LARGE'])
})

test('Pages link to their neighbours at PUBLIC_URL, whatever the Host header says', async () => {
  const { body } = await call('GET', '/api/v1/numbers/?to=50&page=2', { headers: { host: 'evil.example.org' } })

  assert.deepEqual(body['data'].results.map(({ id }: { id: number }) => id).slice(0, 2), [21, 22])
  assert.equal(body['data'].count, 50)
  assert.equal(body['data'].next, 'https://banister.example.com/api/v1/numbers/?to=50&page=3')
  assert.equal(body['data'].previous, 'https://banister.example.com/api/v1/numbers/?to=50&page=1')
})

test('A page past the end is not found, the first page of nothing is empty, the last one has no next', async () => {
  const past = await call('GET', '/api/v1/numbers/?to=40&page=3')
  const empty = await call('GET', '/api/v1/numbers/?to=0')
  const last = await call('GET', '/api/v1/numbers/?to=40&page=2')

  assert.equal(past.status, 404)
  const far = ['9999999', '9007199254740991'].map((page) =>
    call('GET', `/api/v1/numbers/?to=40&page=${page}&page_size=100`),
  )
  assert.deepEqual(
    (await Promise.all(far)).map(({ status }) => status),
    [404, 404],
  )
  assert.deepEqual(empty.body['data'], { results: [], count: 0, next: null, previous: null })
  assert.equal(last.body['data'].next, null)
})

test('Page sizes beyond 100 and pages that are no numbers are refused', async () => {
  for (const query of [
    'page_size=101',
    'page_size=0',
    'page=0',
    'page=x',
    'page=1&page=2',
    'page=',
    'page=9007199254740993',
  ]) {
    const answer = await call('GET', `/api/v1/numbers/?to=5&${query}`)
    assert.equal(answer.status, 400, query)
  }
})

test('A count is exact up to 1,000; above it says of when it is', async () => {
  const thousand = await call('GET', '/api/v1/numbers/?to=1000')
  const more = await call('GET', '/api/v1/numbers/?to=1001')

  assert.deepEqual([thousand.body['data'].count, thousand.body['data'].count_as_of], [1000, undefined])
  assert.deepEqual([more.body['data'].count, more.body['data'].count_as_of], [1001, '2026-01-12T08:00:00Z'])
})

test('A trailing slash and the version are optional', async () => {
  for (const path of ['/api/v1/numbers/?to=1', '/api/v1/numbers?to=1', '/api/numbers/?to=1', '/api/numbers?to=1']) {
    assert.equal((await call('GET', path)).status, 200, path)
  }
  for (const path of ['/api/v2/numbers/', '/numbers/', '/api/v1/', '/api/', '/api', '//api/v1/numbers/?to=1'])
    assert.equal((await call('GET', path)).status, 404, path)
})

test('Rubbish in a URL names nothing, and is answered as everything else', async () => {
  for (const path of [
    '/api/v1/%zz',
    '/api/v1/%c0%ae%c0%ae/',
    '/api/v1/numbers/%00',
    `/api/v1/${'a'.repeat(9000)}`,
    '/api/v1/../../etc/passwd',
    '/api/v1/numbers/..%2f..%2f',
  ]) {
    const answer = await call('GET', path)
    assert.deepEqual([answer.status, answer.body['error']?.error_number], [404, 'NOT_FOUND'], path)
    assert.equal(answer.body['error'].request_id, answer.headers['x-request-id'])
  }
})

test('A sensible X-Request-Id is taken over, any other replaced', async () => {
  const own = await call('GET', '/api/v1/nothing/', { headers: { 'x-request-id': 'my-request-0001' } })
  const odd = await call('GET', '/api/v1/nothing/', { headers: { 'x-request-id': 'a b<script>' } })

  assert.equal(own.headers['x-request-id'], 'my-request-0001')
  assert.equal(own.body['error'].request_id, 'my-request-0001')
  assert.match(odd.headers['x-request-id']!, /^[0-9a-f-]{36}$/)
})

test('Refusals are told in the language that is asked for', async () => {
  const answer = await call('GET', '/api/v1/nothing/', { headers: { 'accept-language': 'uk-UA, en;q=0.5' } })

  assert.match(answer.body['error'].error_message, /[а-яіїє]/i)
})
