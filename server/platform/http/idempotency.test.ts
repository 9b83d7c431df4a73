import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Type } from 'typebox'
import { nodeBeside, serverWith } from '../../../test/platform.ts'
import { openHouse, type Answer } from '../../../test/support.ts'
import { AppError, conflict, rateLimited } from '../errors.ts'
import { operation } from './operation.ts'
import { createSecrets } from '../secrets.ts'
import { IdParams } from './shapes.ts'

const previous = 'the secret before the last change of it'
const house = await openHouse({ SECRET_KEY_PREVIOUS: previous })
let runs = 0
let wait: Promise<unknown> = Promise.resolve()
let outcome: () => void = () => undefined

/** A write that tells how often it ran, and fails as the test wishes. */
const { call } = await serverWith(house, (app) => {
  for (const path of ['/things/', '/things/{id}/', '/others/', '/tokens/']) {
    operation(app, {
      method: 'POST',
      path,
      who: path === '/others/' ? 'public' : 'any',
      tag: 'Test',
      summary: 'Make a thing',
      status: 201,
      ...(path.includes('{') ? { params: IdParams } : {}),
      ...(path === '/tokens/' ? { secret: true as const } : {}),
      body: Type.Object({ name: Type.String({ maxLength: 100 }) }),
      data: Type.Object({ name: Type.String(), run: Type.Integer() }),
      message: 'Made',
      run: async (ctx, { body }) => {
        const run = ++runs
        await ctx.db
          .insertInto('mail_outbox')
          .values({ message_id: `thing ${run}`, at: ctx.now, recipient: body.name, subject: '', text: '', html: '' })
          .execute()
        await wait
        outcome()
        return { name: body.name, run }
      },
    })
  }
})
const jane = await house.person()
const make = (
  key: string | undefined,
  name = 'a',
  options: { path?: string; token?: string; address?: string } = {},
): Promise<Answer> =>
  call('POST', `/api/v1${options.path ?? '/things/'}`, {
    token: options.token ?? jane.token,
    json: { name },
    ...(options.address ? { address: options.address } : {}),
    ...(key === undefined ? {} : { headers: { 'idempotency-key': key } }),
  })
const madeFor = async (name: string): Promise<number> =>
  (await house.house.db.selectFrom('mail_outbox').select('id').where('recipient', '=', name).execute()).length
const failWith = (error: Error): void => {
  outcome = () => {
    outcome = () => undefined
    throw error
  }
}

test('The same key gives the same answer, and the work is done once', async () => {
  const first = await make('k1', 'once')
  const second = await make('k1', 'once')
  const without = await make(undefined, 'once')

  assert.equal(first.status, 201)
  assert.deepEqual([second.status, second.text], [201, first.text])
  assert.deepEqual([first.headers['idempotency-replayed'], second.headers['idempotency-replayed']], [undefined, 'true'])
  assert.notEqual(without.text, first.text)
  assert.equal(await madeFor('once'), 2)
})

test('Of two at once the second waits and gets the answer of the first', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  wait = promise
  const first = make('k2', 'waits')
  const second = make('k2', 'waits')
  setTimeout(resolve, 100)

  const [a, b] = await Promise.all([first, second])
  wait = Promise.resolve()

  assert.equal(a.text, b.text)
  assert.equal(await madeFor('waits'), 1)
})

test('Two nodes keep one promise', async (t) => {
  const other = await nodeBeside(house, t)
  const json = { email: 'twice@example.com', password: 'password123', full_name: 'Jane Smith' }
  const headers = { 'idempotency-key': 'k3' }

  const answers = await Promise.all(
    [house.call, other.call, house.call, other.call].map((ask) =>
      ask('POST', '/api/v1/auth/register/', { json, headers }),
    ),
  )

  assert.deepEqual(
    answers.map(({ status }) => status),
    [201, 201, 201, 201],
  )
  assert.equal(new Set(answers.map(({ text }) => text)).size, 1)
})

test('A key with another body, or another query, is a mistake', async () => {
  await make('k4', 'first')

  const body = await make('k4', 'second')
  const query = await make('k4', 'first', { path: '/things/?x=1' })

  assert.deepEqual([body.status, body.body['error'].error_number], [409, 'CONFLICT'])
  assert.equal(query.status, 409)
  assert.equal(await madeFor('second'), 0)
})

test('A key belongs to its actor, its method and its path', async () => {
  const john = await house.person()
  await make('k5', 'own')

  const others = await make('k5', 'own', { token: john.token })
  const elsewhere = await make('k5', 'own', { path: '/things/7/' })
  const slashless = await make('k5', 'own', { path: '/things' })
  const here = await call('POST', '/api/v1/others/', {
    json: { name: 'own' },
    headers: { 'idempotency-key': 'k5' },
    address: '203.0.113.1',
  })
  const there = await call('POST', '/api/v1/others/', {
    json: { name: 'own' },
    headers: { 'idempotency-key': 'k5' },
    address: '203.0.113.2',
  })

  assert.equal(slashless.headers['idempotency-replayed'], 'true')
  for (const answer of [others, elsewhere, here, there]) assert.equal(answer.headers['idempotency-replayed'], undefined)
  assert.equal(await madeFor('own'), 5)
})

test('A refusal is an answer too, and what was done before it is undone', async () => {
  failWith(conflict('It is taken'))

  const first = await make('k6', 'refused')
  const second = await make('k6', 'refused')

  assert.equal(first.status, 409)
  assert.deepEqual([second.status, second.text], [409, first.text])
  assert.equal(await madeFor('refused'), 0)
})

for (const [status, error] of [
  [401, new AppError('AUTHENTICATION_FAILED', 'no')],
  [429, rateLimited(1)],
  [500, new Error('ours')],
  [503, new AppError('SERVICE_UNAVAILABLE', 'down')],
] as const) {
  test(`A ${status} is not kept: whoever comes back gets a true answer`, async () => {
    failWith(error)

    const first = await make(`k7-${status}`, `after ${status}`)
    const second = await make(`k7-${status}`, `after ${status}`)

    assert.deepEqual([first.status, second.status], [status, 201])
    assert.equal(await madeFor(`after ${status}`), 1)
  })
}

test('After 24 hours a key is new', async () => {
  const first = await make('k8', 'day')
  house.pass({ hours: 24 })
  const token = (
    await house.call('POST', '/api/v1/auth/login/', { json: { email: jane.email, password: jane.password } })
  ).body['data'].access

  const still = await make('k8', 'day', { token })
  house.pass({ seconds: 1 })
  const anew = await make('k8', 'other day', { token })

  assert.equal(still.text, first.text)
  assert.equal(anew.status, 201)
  jane.token = token
})

test('Neither tokens nor passwords are stored with a key', async () => {
  const json = { email: jane.email, password: jane.password }
  const signIn = (): Promise<Answer> =>
    house.call('POST', '/api/v1/auth/login/', { json, headers: { 'idempotency-key': 'k9' } })

  const [first, second] = [await signIn(), await signIn()]
  await make('k9', 'a', { path: '/tokens/' })
  await house.call('POST', '/api/v1/auth/register/', {
    json: { email: 'kept@example.com', password: 'password123', full_name: 'K' },
    headers: { 'idempotency-key': 'k9' },
  })
  const rows = await house.house.db.selectFrom('idempotency_keys').selectAll().where('key', '=', 'k9').execute()

  assert.notEqual(first.body['data'].access, second.body['data'].access)
  assert.deepEqual(
    rows.map(({ path }) => path),
    ['/api/v1/auth/register'],
  )
  assert.doesNotMatch(JSON.stringify(rows), /password123|eyJ/)
})

test('A key that is no sensible one is refused', async () => {
  for (const key of ['a b', 'x'.repeat(256), Buffer.from('ключ').toString('latin1')]) {
    const answer = await make(key)

    assert.deepEqual(
      [answer.status, answer.body['error'].details[0].field],
      [400, 'Idempotency-Key'],
      JSON.stringify(key),
    )
  }
})

test('An empty key is none', async () => {
  const answers = [await make('', 'empty'), await make('', 'empty')]

  assert.deepEqual(
    answers.map(({ status }) => status),
    [201, 201],
  )
  assert.equal(await madeFor('empty'), 2)
})

test('The nightly clean-up forgets keys of more than 24 hours', async () => {
  await make('k10', 'forgotten')
  house.pass({ hours: 24, seconds: 1 })

  await house.house.jobs.run('platform.clean')

  assert.deepEqual(await house.house.db.selectFrom('idempotency_keys').select('key').execute(), [])
})

test('A key that was used before SECRET_KEY was changed still gives its answer', async () => {
  const { token } = await house.person()
  const first = await make('before-the-change', 'rotated', { token })
  const asked = `\0${JSON.stringify({ name: 'rotated' })}`
  await house.house.db
    .updateTable('idempotency_keys')
    .set({ request_hash: createSecrets(previous, null).hmac('idempotency', asked) })
    .where('key', '=', 'before-the-change')
    .execute()

  const again = await make('before-the-change', 'rotated', { token })
  const other = await make('before-the-change', 'another', { token })

  assert.deepEqual([again.status, again.text, other.status], [201, first.text, 409])
})
