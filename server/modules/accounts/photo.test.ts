import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import sharp from 'sharp'
import { openHouse } from '../../../test/support.ts'

const house = await openHouse({ PUBLIC_URL: 'https://banister.example' })
const { call, person, drain, pass, ctx } = house

const picture = (background: string, format: 'jpeg' | 'png' | 'gif' = 'jpeg'): Promise<Buffer> =>
  sharp({ create: { width: 300, height: 200, channels: 3, background } })
    .withExif({ IFD0: { Artist: 'Nobody should know' } })
    .toFormat(format)
    .toBuffer()

const boundary = '----------------------------a-boundary'
const upload = (
  token: string | undefined,
  bytes: Buffer,
  { field = 'photo', name = 'me.jpg', type = 'image/jpeg', headers = {} } = {},
) =>
  call('POST', '/api/v1/files/profile-photo/upload/', {
    token,
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}`, ...headers },
    payload: Buffer.concat([
      Buffer.from(
        `--${boundary}\r\ncontent-disposition: form-data; name="${field}"; filename="${name}"\r\ncontent-type: ${type}\r\n\r\n`,
      ),
      bytes,
      Buffer.from(`\r\n--${boundary}--\r\n`),
    ]),
  })
const own = (token: string) => call('GET', '/api/v1/files/profile-photo/', { token })
const pathOf = (url: string): string => new URL(url).pathname
/** What lies in the bucket. */
const files = async (): Promise<string[]> => {
  const keys: string[] = []
  for await (const { key } of house.house.files.list('photos')) keys.push(key)
  return keys
}

test('an uploaded photo is shown on the profile and loaded by anybody who has its address, without a token', async () => {
  const jane = await person()

  const done = await upload(jane.token, await picture('red'))

  assert.equal(done.status, 201, done.text)
  const { url, sizes } = done.body['data']
  assert.match(url, /^https:\/\/banister\.example\/files\/photos\/large\/[0-9a-f]{32}\.jpg$/)
  assert.deepEqual([sizes.large.width, sizes.large.height, sizes.small.width, sizes.small.height], [300, 200, 64, 64])
  assert.deepEqual((await own(jane.token)).body['data'], done.body['data'])
  const profile = (await call('GET', '/api/v1/auth/profile/', { token: jane.token })).body['data'].profile
  assert.equal(profile.photo_url, url)

  for (const size of ['large', 'medium', 'small']) {
    const loaded = await house.http.inject({ method: 'GET', url: pathOf(sizes[size].url) })
    assert.equal(loaded.statusCode, 200)
    assert.equal(loaded.headers['content-type'], 'image/jpeg')
    assert.equal(loaded.headers['cache-control'], 'public, max-age=31536000, immutable')
    assert.equal(loaded.headers['x-content-type-options'], 'nosniff')
    const { width, height, exif } = await sharp(loaded.rawPayload).metadata()
    assert.deepEqual([width, height, exif], [sizes[size].width, sizes[size].height, undefined])
  }
})

test('a new photo takes the place of the old one, whose files a job removes', async () => {
  const jane = await person()
  const first = (await upload(jane.token, await picture('green'))).body['data']
  const second = (await upload(jane.token, await picture('blue', 'png'))).body['data']
  assert.equal((await call('GET', pathOf(first.url))).status, 200)

  await drain()

  assert.equal((await call('GET', pathOf(first.url))).status, 404)
  assert.equal((await call('GET', pathOf(second.url))).status, 200)
  assert.match(second.url, /\.png$/)
})

test('an upload that is repeated with its Idempotency-Key is one photo, and with another file a conflict', async () => {
  const jane = await person()
  const headers = { 'idempotency-key': 'the-upload' }
  const [red, blue] = [await picture('red'), await picture('blue')]

  const first = await upload(jane.token, red, { headers })
  const again = await upload(jane.token, red, { headers })
  const other = await upload(jane.token, blue, { headers })

  assert.deepEqual([first.status, again.status, other.status], [201, 201, 409])
  assert.equal(again.body['data'].url, first.body['data'].url)
})

test('a photo is removed, once, with its files', async () => {
  const jane = await person()
  const { url } = (await upload(jane.token, await picture('black', 'gif'))).body['data']
  const remove = () => call('DELETE', '/api/v1/files/profile-photo/delete/', { token: jane.token })

  assert.deepEqual([(await remove()).status, (await remove()).status], [200, 404])
  await drain()

  assert.equal((await own(jane.token)).status, 404)
  assert.equal((await call('GET', pathOf(url))).status, 404)
})

test('a deleted account leaves no photo', async () => {
  const jane = await person()
  const { url } = (await upload(jane.token, await picture('pink'))).body['data']
  await call('DELETE', '/api/v1/auth/profile/', { token: jane.token, json: { password: jane.password } })
  await drain()

  assert.equal((await call('GET', pathOf(url))).status, 404)
})

test('what is no photo is refused by its content, whatever it calls itself', async () => {
  const jane = await person()
  const jpeg = await picture('red')

  const page = await upload(jane.token, Buffer.from('<script>alert(1)</script>'.repeat(50)))
  const svg = await upload(jane.token, Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), { type: 'image/png' })
  const cut = await upload(jane.token, jpeg.subarray(0, jpeg.length / 2))
  const empty = await upload(jane.token, Buffer.alloc(0))
  const large = await upload(jane.token, Buffer.concat([jpeg, Buffer.alloc(5 * 1024 * 1024)]))
  const other = await upload(jane.token, jpeg, { field: 'file' })
  const json = await call('POST', '/api/v1/files/profile-photo/upload/', { token: jane.token, json: {} })
  const stranger = await upload(undefined, jpeg)

  assert.deepEqual(
    [page, svg, cut, empty, large, other, json, stranger].map(({ status, body }) => [
      status,
      body['error'].error_number,
    ]),
    [
      [415, 'UNSUPPORTED_MEDIA_TYPE'],
      [415, 'UNSUPPORTED_MEDIA_TYPE'],
      [400, 'VALIDATION_ERROR'],
      [400, 'VALIDATION_ERROR'],
      [413, 'PAYLOAD_TOO_LARGE'],
      [400, 'VALIDATION_ERROR'],
      [415, 'UNSUPPORTED_MEDIA_TYPE'],
      [401, 'TOKEN_MISSING'],
    ],
  )
  assert.equal((await own(jane.token)).status, 404)
})

test('a picture that is a script as well comes out as a picture only', async () => {
  const jane = await person()
  const polyglot = Buffer.concat([await picture('red'), Buffer.from('<script>alert(1)</script>')])

  const { url } = (await upload(jane.token, polyglot, { name: '../../../evil.html' })).body['data']

  const loaded = await house.http.inject({ method: 'GET', url: pathOf(url) })
  assert.ok(!loaded.rawPayload.includes('script'))
})

test('nothing but photos is found where photos are', async () => {
  for (const place of [
    'large/x.jpg',
    'large/..%2f..%2fsecret_key',
    'huge/0.jpg',
    `large/${'0'.repeat(32)}.jpg`,
    'large',
  ])
    assert.equal((await call('GET', `/files/photos/${place}`)).status, 404, place)
})

/** The place of a file that was written then, and that no row knows. */
const orphan = (at: Temporal.Instant): string =>
  `large/${at.epochMilliseconds.toString(16).padStart(12, '0')}${createHash('md5').update(String(at)).digest('hex').slice(0, 20)}.jpg`

test('the nightly job removes files that no photo owns, once they are a day old, and no other', async () => {
  const jane = await person()
  const { url } = (await upload(jane.token, await picture('white'))).body['data']
  const [old, young] = [orphan(ctx().now), orphan(ctx().now.add({ hours: 3 }))]
  for (const key of [old, young])
    await house.house.files.put('photos', key, await picture('grey'), { contentType: 'image/jpeg' })
  pass({ hours: 25 })

  await house.house.jobs.run('files.clean')

  const left = await files()
  assert.ok(!left.includes(old) && left.includes(young))
  assert.equal((await call('GET', pathOf(url))).status, 200)
})
