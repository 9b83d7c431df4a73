import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { Type } from 'typebox'
import { serverWith } from '../../../test/platform.ts'
import { openHouse } from '../../../test/support.ts'
import { inTransaction } from '../db/transaction.ts'
import { notFound } from '../errors.ts'
import { operation } from './operation.ts'
import { IdParams } from './shapes.ts'

const house = await openHouse()
/** A thing is a mail of the outbox, whose subject is read and replaced; `pause` stands between a write's look and its write. */
let pause: () => Promise<unknown> = async () => undefined
const Thing = Type.Object({ subject: Type.String() })
const { call } = await serverWith(house, (app) => {
  const shared = {
    path: '/things/{id}/',
    who: 'any',
    tag: 'Test',
    summary: 'A thing',
    params: IdParams,
    data: Thing,
    message: 'Done',
  } as const
  operation(app, {
    ...shared,
    method: 'GET',
    run: async (ctx, { params }) => {
      const row = await ctx.db
        .selectFrom('mail_outbox')
        .select('subject')
        .where('id', '=', params.id)
        .executeTakeFirst()
      if (!row) throw notFound('thing')
      return row
    },
  })
  operation(app, {
    ...shared,
    method: 'PUT',
    body: Thing,
    run: (ctx, { params, body }) =>
      inTransaction(ctx, async (tx) => {
        await pause()
        await tx.db.updateTable('mail_outbox').set(body).where('id', '=', params.id).execute()
        return body
      }),
  })
})
const { token } = await house.person()
let things = 0
async function newThing(subject: string): Promise<string> {
  const { id } = await house.house.db
    .insertInto('mail_outbox')
    .values({ message_id: `thing ${++things}`, at: house.ctx().now, recipient: '', subject, text: '', html: '' })
    .returning('id')
    .executeTakeFirstOrThrow()
  return `/api/v1/things/${id}/`
}
const get = (path: string, headers: Record<string, string> = {}) => call('GET', path, { token, headers })
const put = (path: string, subject: string, ifMatch?: string) =>
  call('PUT', path, { token, json: { subject }, ...(ifMatch ? { headers: { 'if-match': ifMatch } } : {}) })

test('What is known already is answered with 304 and nothing else, until it changes', async () => {
  const path = await newThing('a')
  const { headers } = await get(path)
  const etag = headers['etag']!

  const known = await get(path, { 'if-none-match': etag })
  const listed = await get(path, { 'if-none-match': `"other", W/${etag}` })
  const any = await get(path, { 'if-none-match': '*' })
  await put(path, 'b')
  const changed = await get(path, { 'if-none-match': etag })

  assert.deepEqual([known.status, known.text, known.headers['etag']], [304, '', etag])
  assert.deepEqual([listed.status, any.status], [304, 304])
  assert.equal(changed.status, 200)
  assert.notEqual(changed.headers['etag'], etag)
})

test('A PUT with If-Match is done when nothing has changed, else refused with 412', async () => {
  const path = await newThing('a')
  const etag = (await get(path)).headers['etag']!

  const first = await put(path, 'b', etag)
  const second = await put(path, 'c', etag)
  const any = await put(path, 'd', '*')

  assert.deepEqual(
    [first.status, second.status, second.body['error'].error_number, any.status],
    [200, 412, 'PRECONDITION_FAILED', 200],
  )
  assert.equal((await get(path)).body['data'].subject, 'd')
})

test('If-Match for what is not there is not found', async () => {
  const answer = await put('/api/v1/things/987654321/', 'a', '*')

  assert.equal(answer.status, 404)
})

test('Of two that saw the same version and write at once one wins and the other is told: no update is lost', async () => {
  const path = await newThing('a')
  const etag = (await get(path)).headers['etag']!
  const both = Promise.withResolvers<void>()
  let arrived = 0
  pause = async () => {
    if (++arrived === 2) both.resolve()
    if (arrived <= 2) await both.promise
  }

  const answers = await Promise.all([put(path, 'first', etag), put(path, 'second', etag)])
  pause = async () => undefined

  assert.deepEqual(
    answers.map(({ status }) => status).toSorted((a, b) => a - b),
    [200, 412],
  )
  const winner = answers.find(({ status }) => status === 200)!
  assert.equal((await get(path)).body['data'].subject, winner.body['data'].subject)
})

test('A change from elsewhere between the look and the write is not overwritten', async () => {
  const path = await newThing('a')
  const etag = (await get(path)).headers['etag']!
  pause = async () => {
    pause = async () => undefined
    await sql`UPDATE mail_outbox SET subject = 'elsewhere' WHERE id = ${Number(path.split('/')[4])}`.execute(
      house.house.db,
    )
  }

  const answer = await put(path, 'mine', etag)

  assert.equal(answer.status, 412)
  assert.equal((await get(path)).body['data'].subject, 'elsewhere')
})

test('With a key and If-Match together both hold', async () => {
  const path = await newThing('a')
  const etag = (await get(path)).headers['etag']!
  const headers = { 'if-match': etag, 'idempotency-key': 'both' }
  const ask = () => call('PUT', path, { token, json: { subject: 'b' }, headers })

  const [first, again] = [await ask(), await ask()]

  assert.deepEqual([first.status, again.status, again.text], [200, 200, first.text])
})
