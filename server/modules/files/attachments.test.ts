import assert from 'node:assert/strict'
import { rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import { form, pdf, picture } from '../../platform/files/samples.fixture.ts'
import { openHouse, type Answer, type Person } from '../../../test/support.ts'
import { inTransaction } from '../../platform/db/transaction.ts'
import type { Context } from '../../platform/context.ts'
import { attachmentsOf, releaseAttachments, takeAttachments } from './index.ts'

const house = await openHouse({ PUBLIC_URL: 'https://banister.example', UPLOAD_MB_PER_DAY: '60' })
const { call, person, drain, pass } = house

const url = '/api/v1/files/attachments/'
const upload = (
  token: string | undefined,
  bytes: Buffer,
  { headers = {}, ...named }: { name?: string; field?: string; headers?: Record<string, string> } = {},
) => {
  const sent = form(bytes, named)
  return call('POST', url, { token, headers: { ...sent.headers, ...headers }, payload: sent.payload })
}
const uploaded = async (who: Person, bytes = pdf(), name = 'plan.pdf') => {
  const answer = await upload(who.token, bytes, { name })
  assert.equal(answer.status, 201, answer.text)
  return answer.body['data'] as { id: number; url: string; name: string; content_type: string; size: number }
}
const load = (link: string) => house.http.inject({ method: 'GET', url: new URL(link).pathname })
const as = ({ id, email }: Person): Context => ({
  ...house.ctx(),
  actor: { userId: id, email, role: 'customer', sessionId: 1, permissions: new Set(), locale: null, timeZone: 'UTC' },
})
const take = (who: Person, ids: number[], id = '1') =>
  inTransaction(as(who), (tx) => takeAttachments(tx, ids, { kind: 'message', id }))
/** Signs in again: the token of yesterday is over. */
const again = async (who: Person): Promise<Person> => {
  const { body } = await call('POST', '/api/v1/auth/login/', { json: { email: who.email, password: who.password } })
  return { ...who, token: body['data'].access }
}
const inStore = async (): Promise<string[]> => {
  const keys: string[] = []
  for await (const { key } of house.house.files.list('attachments')) keys.push(key)
  return keys
}
const codes = (answers: Answer[]) => answers.map(({ status, body }) => [status, body['error']?.error_number])

test('an upload is saved under a harmless name, never drawn, and kept by no cache', async () => {
  const jane = await person()
  const bytes = pdf()

  const made = await uploaded(jane, bytes, '..\\..\\план\u202efdp.exe')

  assert.deepEqual([made.name, made.content_type, made.size], ['планfdp.exe.pdf', 'application/pdf', bytes.length])
  const loaded = await load(made.url)
  assert.equal(loaded.statusCode, 200)
  assert.deepEqual(loaded.rawPayload, bytes)
  assert.equal(loaded.headers['content-type'], 'application/pdf')
  assert.equal(
    loaded.headers['content-disposition'],
    `attachment; filename="____fdp.exe.pdf"; filename*=UTF-8''%D0%BF%D0%BB%D0%B0%D0%BDfdp.exe.pdf`,
  )
  assert.equal(loaded.headers['x-content-type-options'], 'nosniff')
  assert.match(String(loaded.headers['content-security-policy']), /^sandbox/)
  assert.equal(loaded.headers['cache-control'], 'private, no-store')
})

test('a link opens one file for five minutes, and none when it is forged', async () => {
  const jane = await person()
  const [first, second] = [await uploaded(jane), await uploaded(jane)]
  const token = first.url.split('/').at(-1)!
  const forged = [
    second.url.replace(/[^/]+$/, token),
    first.url.replace(/\d+\.([^/]+)$/, '99999999999.$1'),
    first.url.slice(0, -1),
    first.url.replace(/\/private\/\d+\//, '/private/0/'),
    first.url.replace(/\/private\/\d+\//, '/private/..%2f1/'),
  ]

  for (const link of forged) assert.equal((await load(link)).statusCode, 404, link)
  pass({ minutes: 4, seconds: 59 })
  assert.equal((await load(first.url)).statusCode, 200)
  pass({ seconds: 1 })
  assert.equal((await load(first.url)).statusCode, 403)
  const fresh = await call('GET', `${url}${first.id}/`, { token: jane.token })
  assert.equal((await load(fresh.body['data'].url)).statusCode, 200)
})

test('nobody sees, takes or deletes the upload of another', async () => {
  const [jane, eve, boss] = [await person(), await person('provider'), await person('super_admin')]
  const { id } = await uploaded(jane)

  const answers = [
    await call('GET', `${url}${id}/`, { token: eve.token }),
    await call('DELETE', `${url}${id}/`, { token: eve.token }),
    await call('GET', `${url}${id}/`, { token: boss.token }),
    await call('GET', `${url}${id}/`, {}),
    await upload(undefined, pdf()),
  ]

  assert.deepEqual(codes(answers), [
    [404, 'NOT_FOUND'],
    [404, 'NOT_FOUND'],
    [404, 'NOT_FOUND'],
    [401, 'TOKEN_MISSING'],
    [401, 'TOKEN_MISSING'],
  ])
  await assert.rejects(take(eve, [id]), { code: 'VALIDATION_ERROR' })
  assert.equal((await call('GET', url, { token: eve.token })).body['data'].count, 0)
  assert.equal((await call('GET', url, { token: jane.token })).body['data'].count, 1)
})

test('an upload is taken once, whoever comes at the same time', async () => {
  const jane = await person()
  const [one, two] = [await uploaded(jane), await uploaded(jane)]

  const tries = await Promise.allSettled(
    Array.from({ length: 6 }, (_, at) => take(jane, at % 2 ? [one.id, two.id] : [two.id, one.id], `race-${at}`)),
  )

  const won = tries.filter(({ status }) => status === 'fulfilled')
  assert.equal(won.length, 1)
  const lost = tries.find(({ status }) => status === 'rejected') as PromiseRejectedResult
  assert.deepEqual(
    lost.reason.details.map(({ field }: { field: string }) => field),
    ['attachment_ids.0', 'attachment_ids.1'],
  )
  const ids = Array.from({ length: 6 }, (_, at) => `race-${at}`)
  const found = await attachmentsOf(house.ctx(), 'message', ids)
  assert.deepEqual(
    [...found.values()].map((views) => views.map(({ id }) => id)),
    [[one.id, two.id]],
  )
  const deleting = await call('DELETE', `${url}${one.id}/`, { token: jane.token })
  assert.deepEqual(codes([deleting]), [[409, 'CONFLICT']])
})

test('what is released or deleted goes with its bytes', async () => {
  const jane = await person()
  const [kept, released, deleted] = [await uploaded(jane), await uploaded(jane), await uploaded(jane)]
  await take(jane, [kept.id], 'kept')
  await take(jane, [released.id], 'released')
  const before = (await inStore()).length

  await inTransaction(house.ctx(), (tx) => releaseAttachments(tx, 'message', ['released']))
  assert.equal((await call('DELETE', `${url}${deleted.id}/`, { token: jane.token })).status, 200)
  assert.equal((await call('DELETE', `${url}${deleted.id}/`, { token: jane.token })).status, 404)
  await drain()

  assert.equal((await inStore()).length, before - 2)
  assert.deepEqual(
    [(await load(kept.url)).statusCode, (await load(released.url)).statusCode, (await load(deleted.url)).statusCode],
    [200, 404, 404],
  )
})

test('what is refused leaves nothing behind', async () => {
  const jane = await person()
  const before = await inStore()
  const jpeg = await picture('jpeg')

  const answers = [
    await upload(jane.token, Buffer.from('<html></html>'), { name: 'a.txt' }),
    await upload(jane.token, jpeg.subarray(0, 200)),
    await upload(jane.token, Buffer.alloc(0)),
    await upload(jane.token, Buffer.alloc(25 * 1024 * 1024 + 1, 0x41), { name: 'a.txt' }),
    await upload(jane.token, pdf(), { field: 'photo' }),
    await call('POST', url, { token: jane.token, json: {} }),
  ]

  assert.deepEqual(codes(answers), [
    [415, 'UNSUPPORTED_MEDIA_TYPE'],
    [400, 'VALIDATION_ERROR'],
    [400, 'VALIDATION_ERROR'],
    [413, 'PAYLOAD_TOO_LARGE'],
    [400, 'VALIDATION_ERROR'],
    [415, 'UNSUPPORTED_MEDIA_TYPE'],
  ])
  assert.deepEqual(await inStore(), before)
})

test('an upload that is repeated with its Idempotency-Key is one file', async () => {
  const jane = await person()
  const headers = { 'idempotency-key': 'the-upload' }

  const first = await upload(jane.token, pdf(), { headers })
  const repeated = await upload(jane.token, pdf(), { headers })
  const other = await upload(jane.token, pdf('/X 1'), { headers })

  assert.deepEqual([first.status, repeated.status, other.status], [201, 201, 409])
  assert.equal(repeated.body['data'].id, first.body['data'].id)
  const rows = await house.house.db.selectFrom('attachments').select('key').execute()
  // Discarded once the answer is out.
  await new Promise((resolve) => setImmediate(resolve))
  assert.ok((await inStore()).filter((key) => rows.some((row) => row.key === key)).length === rows.length)
})

test('a person may upload so much a day and no more, also by deleting', async () => {
  const jane = await person()
  const large = Buffer.alloc(24 * 1024 * 1024, 0x41)
  const done = [await upload(jane.token, large), await upload(jane.token, large)]
  for (const { body } of done) await call('DELETE', `${url}${body['data'].id}/`, { token: jane.token })

  const over = await upload(jane.token, large)
  pass({ hours: 24 })
  const tomorrow = await upload((await again(jane)).token, large)

  assert.deepEqual([done[0]!.status, done[1]!.status, over.status, tomorrow.status], [201, 201, 429, 201])
  assert.ok(Number(over.headers['retry-after']) > 0)
})

test('the nightly job removes what nothing took for a day, and bytes without a row', async () => {
  const jane = await person()
  const [old, used] = [await uploaded(jane), await uploaded(jane)]
  await take(jane, [used.id], 'used')
  const orphan = `${house.ctx().now.epochMilliseconds.toString(16).padStart(12, '0')}${'0'.repeat(20)}.pdf`
  await house.house.files.put('attachments', orphan, pdf(), { contentType: 'application/pdf' })
  pass({ hours: 23 })
  const young = await uploaded(await again(jane))
  pass({ hours: 2 })

  await house.house.jobs.run('files.clean')
  await drain()

  const left = await house.house.db.selectFrom('attachments').where('owner_id', '=', jane.id).select('id').execute()
  assert.deepEqual(new Set(left.map(({ id }) => id)), new Set([used.id, young.id]))
  assert.ok(!(await inStore()).includes(orphan))
  assert.equal((await call('GET', `${url}${old.id}/`, { token: (await again(jane)).token })).status, 404)
})

test('an account that is deleted leaves no unused file', async () => {
  const jane = await person()
  await uploaded(jane)
  await drain()
  const before = (await inStore()).length

  await call('DELETE', '/api/v1/auth/profile/', { token: jane.token, json: { password: jane.password } })
  await drain()

  assert.equal((await inStore()).length, before - 1)
})

test('a store that fails in the middle refuses the upload whole, and serves again when it is back', async () => {
  const jane = await person()
  const kept = await uploaded(jane)
  const folder = path.join(house.house.config.DATA_DIR, 'files/attachments')
  await rename(folder, `${folder}-away`)
  await writeFile(folder, 'in the way')

  const [failed, loaded] = [await upload(jane.token, pdf()), await load(kept.url)]

  assert.deepEqual([failed.status >= 500, loaded.statusCode], [true, 404])
  assert.equal((await call('GET', url, { token: jane.token })).body['data'].count, 1)
  await rm(folder)
  await rename(`${folder}-away`, folder)
  assert.deepEqual([(await upload(jane.token, pdf())).status, (await load(kept.url)).statusCode], [201, 200])
})

test('a file without a name has one all the same', async () => {
  const jane = await person()
  const { headers, payload } = form(pdf())
  const nameless = Buffer.from(payload.toString('latin1').replace('; filename="plan.pdf"', ''), 'latin1')

  const made = await call('POST', url, { token: jane.token, headers, payload: nameless })

  assert.deepEqual([made.status, made.body['data'].name], [201, 'file.pdf'])
})
