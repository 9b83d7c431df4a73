import assert from 'node:assert/strict'
import { test } from 'node:test'
import { docx, form, pdf, picture } from '../../platform/files/samples.fixture.ts'
import { openHouse } from '../../../test/support.ts'
import { documentsOf, path } from './support.fixture.ts'

const house = await openHouse()
const { call, person, drain } = house
const { upload, put, get, uploaded, reviewer, told } = documentsOf(house)
const load = (url: string) => house.http.inject({ method: 'GET', url: new URL(url).pathname })
const inStore = async (): Promise<number> => (await Array.fromAsync(house.house.files.list('attachments'))).length

test('a provider uploads a paper, the fields before or behind the file, and loads it by a link of five minutes', async () => {
  const [john, boss] = [await person('provider'), await reviewer()]
  const bytes = pdf()

  for (const last of [true, false]) {
    const made = await upload(john, { title: 'My passport', valid_until: '2030-06-30' }, bytes, last)
    assert.equal(made.status, 201, made.text)
    const { title, type, status, reason, valid_until, owner, file } = made.body['data']
    assert.deepEqual(
      [title, type, status, reason, valid_until, owner, file],
      [
        'My passport',
        'identity',
        'pending',
        null,
        '2030-06-30',
        { id: john.id, name: 'Jane Smith' },
        { name: 'passport.pdf', content_type: 'application/pdf', size: bytes.length },
      ],
    )
    const loaded = await load(made.body['data'].download_url)
    assert.deepEqual([loaded.statusCode, loaded.rawPayload], [200, bytes])
  }
  await drain()
  assert.deepEqual((await told(boss)).filter((kind) => kind === 'review_waiting').length, 2)
  const listed = await call('GET', `${path}?type=identity&status=pending`, { token: john.token })
  assert.deepEqual(
    listed.body['data'].results.map((row: { download_url: unknown }) => row.download_url),
    [null, null],
  )
  assert.equal((await call('GET', `${path}?type=tax`, { token: john.token })).body['data'].count, 0)
})

test('a wrong paper is refused with what is wrong, and nothing is kept', async () => {
  const john = await person('provider')
  const before = await inStore()

  const answers = [
    await upload(john, { title: '', type: 'passport' }),
    await upload(john, { valid_until: '2030-02-30' }),
    await upload(john, { valid_until: '2025-12-31' }),
    await upload(john, {}, docx()),
    await upload(john, {}, Buffer.from('just a text')),
    await upload(john, {}, Buffer.concat([await picture('png'), pdf()])),
    await upload(john, {}, Buffer.alloc(10 * 1024 * 1024 + 1, 0x41)),
    await call('POST', path, { token: john.token, json: { title: 'x', type: 'identity' } }),
  ]

  assert.deepEqual(
    answers.map(({ status, body }) => [
      status,
      body['error'].details?.map(({ field }: { field: string }) => field) ?? null,
    ]),
    [
      [400, ['title', 'type']],
      [400, ['valid_until']],
      [400, ['valid_until']],
      [415, null],
      [415, null],
      [415, null],
      [413, null],
      [415, null],
    ],
  )
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal((await call('GET', path, { token: john.token })).body['data'].count, 0)
  assert.equal(await inStore(), before)
})

test('a title that is far too long is said to be so, and of two files neither is kept', async () => {
  const john = await person('provider')
  const before = await inStore()
  const [one, two] = [form(pdf()), form(pdf(), { fields: { title: 'Two', type: 'identity' } })]
  const end = `--${one.headers['content-type'].split('boundary=')[1]}--\r\n`.length

  const long = await upload(john, { title: 'x'.repeat(100_000) })
  const both = await call('POST', path, {
    token: john.token,
    headers: one.headers,
    payload: Buffer.concat([one.payload.subarray(0, -end), two.payload]),
  })

  const wrong = [long, both].map(({ status, body }) => [
    status,
    body['error'].details[0].field,
    body['error'].details[0].rule,
  ])
  assert.deepEqual(wrong, [
    [400, 'title', 'maxLength'],
    [400, 'file', 'one_file'],
  ])
  assert.equal(await inStore(), before)
})

test('a stranger, a customer, another provider and an administrator without the permission see nothing of it', async () => {
  const john = await person('provider')
  const id = await uploaded(john)
  const strangers = [
    await person('provider'),
    await person('customer'),
    await person('management'),
    await person('accountant'),
  ]

  for (const stranger of strangers) {
    const answers = [
      await get(stranger, id),
      await put(stranger, id, { title: 'Mine' }),
      await put(stranger, id, { status: 'approved' }),
      await call('DELETE', `${path}${id}/`, { token: stranger.token }),
    ]
    assert.deepEqual(
      answers.map(({ status }) => status),
      [404, 404, 404, 404],
    )
    assert.equal((await call('GET', `${path}?owner_id=${john.id}`, { token: stranger.token })).body['data'].count, 0)
  }
  assert.deepEqual(
    [(await upload(strangers[1]!)).status, (await upload(strangers[2]!)).status, (await call('GET', path)).status],
    [403, 403, 401],
  )
})

test('the file of a document is nobody’s attachment: it is neither taken, listed nor deleted as one', async () => {
  const john = await person('provider')
  await uploaded(john)
  const row = await house.house.db
    .selectFrom('attachments')
    .where('owner_id', '=', john.id)
    .select('id')
    .executeTakeFirstOrThrow()

  const listed = await call('GET', '/api/v1/files/attachments/', { token: john.token })
  const deleted = await call('DELETE', `/api/v1/files/attachments/${row.id}/`, { token: john.token })

  assert.deepEqual([listed.body['data'].count, deleted.status], [0, 409])
})

test('the owner deletes a document with its file; a reviewer cannot', async () => {
  const [john, boss] = [await person('provider'), await reviewer()]
  const id = await uploaded(john)
  const { download_url } = (await get(john, id)).body['data']
  const remove = (token: string) => call('DELETE', `${path}${id}/`, { token })

  assert.deepEqual(
    [(await remove(boss.token)).status, (await remove(john.token)).status, (await remove(john.token)).status],
    [403, 200, 404],
  )
  const before = await inStore()
  await drain()

  assert.equal(await inStore(), before - 1)
  assert.equal((await load(download_url)).statusCode, 404)
})

test('If-Match holds although the link is new at every look', async () => {
  const john = await person('provider')
  const id = await uploaded(john)
  const { headers } = await get(john, id)
  house.pass({ minutes: 10 })

  const first = await put(john, id, { title: 'Passport 2' }, { 'if-match': headers['etag']! })
  const late = await put(john, id, { title: 'Passport 3' }, { 'if-match': headers['etag']! })
  const known = await call('GET', `${path}${id}/`, {
    token: john.token,
    headers: { 'if-none-match': headers['etag']! },
  })

  assert.deepEqual([first.status, late.status, known.status], [200, 412, 200])
})

test('an account that is deleted leaves no document and no file', async () => {
  const john = await person('provider')
  await uploaded(john)
  await drain()
  const before = await inStore()

  await call('DELETE', '/api/v1/auth/profile/', { token: john.token, json: { password: john.password } })
  await drain()

  assert.equal(await inStore(), before - 1)
  const left = await house.house.db.selectFrom('documents').where('owner_id', '=', john.id).select('id').execute()
  assert.deepEqual(left, [])
})

test('of several papers uploaded at once only so many are kept as there may be', async () => {
  const john = await person('provider')
  const rows = Array.from({ length: 98 }, (_, i) => ({
    owner_id: john.id,
    title: `Paper ${i}`,
    type: 'other' as const,
    status: 'expired' as const,
    created_at: house.ctx().now,
    updated_at: house.ctx().now,
  }))
  await house.house.db.insertInto('documents').values(rows).execute()

  const answers = await Promise.all([1, 2, 3, 4].map(() => upload(john)))

  assert.deepEqual(answers.map(({ status }) => String(status)).toSorted(), ['201', '201', '409', '409'])
})
