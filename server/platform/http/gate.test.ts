import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { Type } from 'typebox'
import { serverWith } from '../../../test/platform.ts'
import { openHouse, type Person } from '../../../test/support.ts'
import { actorOf } from '../context.ts'
import { operation } from './operation.ts'

/** Who asks is recalled for what reads, and nothing is told to who is not who they were (decision 0035). */
const house = await openHouse()
const runs: string[] = []
const { call } = await serverWith(house, (app) => {
  const common = { method: 'GET', who: 'any', tag: 'Test', summary: 'Test', message: 'Done' } as const
  operation(app, {
    ...common,
    path: '/test/memory/',
    data: Type.String(),
    run: async (ctx) => {
      runs.push(`memory of ${actorOf(ctx).locale}`)
      return `of ${actorOf(ctx).locale}`
    },
  })
  operation(app, {
    ...common,
    path: '/test/reading/',
    data: Type.String(),
    run: async (ctx) => `${(await sql<{ n: number }>`SELECT ${1}::int AS n`.execute(ctx.db)).rows[0]!.n}`,
  })
  operation(app, {
    ...common,
    path: '/test/careless/',
    data: Type.String(),
    run: async (ctx) =>
      sql<{ n: number }>`SELECT ${1}::int AS n`.execute(ctx.db).then(
        ({ rows }) => `${rows[0]!.n}`,
        () => 'nothing could be read',
      ),
  })
  operation(app, {
    ...common,
    path: '/test/failing/',
    data: Type.String(),
    run: async () => {
      throw new Error('broken before anything was asked')
    },
  })
})

for (const path of ['memory', 'careless', 'failing'])
  test(`Whose session has ended is told nothing, also by what asks the database for nothing or takes no notice of it: ${path}`, async () => {
    const jane = await house.person()
    const ask = () => call('GET', `/api/v1/test/${path}/`, { token: jane.token })
    assert.equal((await ask()).status, path === 'failing' ? 500 : 200)
    await house.call('POST', '/api/v1/auth/logout/', { token: jane.token })

    assert.equal((await ask()).status, 401)
  })

test('Who asks too often is told that, before what they may not ask; but not whose session has ended', async () => {
  const hasty = await openHouse({ RATE_LIMIT_PER_MINUTE: '2' })
  const { call: ask } = await serverWith(hasty, (app) =>
    operation(app, {
      method: 'GET',
      who: 'admin',
      tag: 'Test',
      summary: 'Test',
      message: 'Done',
      path: '/test/admins/',
      data: Type.String(),
      run: async () => 'done',
    }),
  )
  const [boss, jane] = [await hasty.person('admin'), await hasty.person()]
  const heard = async ({ token }: Person): Promise<string> => {
    const { status, headers } = await ask('GET', '/api/v1/test/admins/', { token })
    return [status, headers['retry-after']].filter(Boolean).join(' ')
  }

  assert.deepEqual([await heard(jane), await heard(jane), await heard(jane)], ['403', '403', '429 60'])
  assert.deepEqual([await heard(boss), await heard(boss), await heard(boss)], ['200', '200', '429 60'])
  await hasty.house.db.updateTable('sessions').set({ ended_at: hasty.ctx().now }).execute()
  assert.equal(await heard(boss), '401')
})

test('While no connection to the database is to be had, one waits for one once, and is told so', async (t) => {
  const jane = await house.person()
  const ask = (path: string) => call('GET', `/api/v1/test/${path}/`, { token: jane.token })
  for (const path of ['reading', 'failing', 'memory']) await ask(path)
  const connect = t.mock.method(house.house.pool, 'connect', async () => {
    throw new Error('timeout exceeded when trying to connect')
  })

  for (const path of ['reading', 'failing', 'memory']) {
    assert.equal((await ask(path)).status, 503, path)
    assert.equal(connect.mock.callCount(), 1, path)
    connect.mock.resetCalls()
  }
})

test('What was done for who somebody was is done again for who they are', async () => {
  const jane = await house.person()
  const ask = () => call('GET', '/api/v1/test/memory/', { token: jane.token })
  await ask()
  runs.length = 0
  await house.house.db.updateTable('users').set({ locale: 'es' }).where('id', '=', jane.id).execute()

  const answer = await ask()

  assert.deepEqual([answer.body['data'], runs], ['of es', ['memory of null', 'memory of es']])
  assert.equal((await ask()).body['data'], 'of es')
  assert.equal(runs.length, 3)
})
