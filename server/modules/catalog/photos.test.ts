import assert from 'node:assert/strict'
import { test } from 'node:test'
import sharp from 'sharp'
import { openHouse } from '../../../test/support.ts'

const house = await openHouse({ PUBLIC_URL: 'https://banister.example' })
const owner = await house.person('provider')
const rival = await house.person('provider')
const picture = (background: string): Promise<Buffer> =>
  sharp({ create: { width: 300, height: 200, channels: 3, background } })
    .jpeg()
    .toBuffer()

const boundary = '----------------------------a-boundary'
const upload = (id: number, token: string | undefined, bytes: Buffer, field = 'photo') =>
  house.call('POST', `/api/v1/services/${id}/photos/`, {
    token,
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    payload: Buffer.concat([
      Buffer.from(
        `--${boundary}\r\ncontent-disposition: form-data; name="${field}"; filename="a.jpg"\r\ncontent-type: image/jpeg\r\n\r\n`,
      ),
      bytes,
      Buffer.from(`\r\n--${boundary}--\r\n`),
    ]),
  })
type Photo = { id: number; url: string; small_url: string }
const offered = async (): Promise<number> => {
  const json = { title: 'Massage', description: 'An hour', price: 10 }
  return (await house.call('POST', '/api/v1/services/', { token: owner.token, json })).body['data'].id
}
const photosOf = async (id: number): Promise<Photo[]> =>
  (await house.call('GET', `/api/v1/services/${id}/`)).body['data'].photos
/** What lies in the bucket. */
const files = async (): Promise<string[]> => {
  const keys: string[] = []
  for await (const { key } of house.house.files.list('photos')) keys.push(key)
  return keys
}

test('a photo of a service is loaded by anybody, and the last one added comes last', async () => {
  const id = await offered()

  const first = await upload(id, owner.token, await picture('red'))
  const second = await upload(id, owner.token, await picture('blue'))

  assert.deepEqual([first.status, second.status], [201, 201], second.text)
  const photos = await photosOf(id)
  assert.deepEqual(photos, second.body['data'].photos)
  assert.equal(photos.length, 2)
  assert.equal(photos[0]!.id, first.body['data'].photos[0].id)
  for (const url of [photos[0]!.url, photos[0]!.small_url]) {
    const loaded = await house.call('GET', new URL(url).pathname)
    assert.deepEqual([loaded.status, loaded.headers['content-type']], [200, 'image/jpeg'])
  }
})

test('photos are put in order and taken off, and their files go with them', async () => {
  const id = await offered()
  for (const colour of ['red', 'green', 'blue']) await upload(id, owner.token, await picture(colour))
  const [a, b, c] = (await photosOf(id)).map((photo) => photo.id)
  const order = (photo_ids: (number | undefined)[]) =>
    house.call('PUT', `/api/v1/services/${id}/photos/`, { token: owner.token, json: { photo_ids } })
  const before = (await files()).length

  const ordered = await order([c, a, b])
  const removed = await house.call('DELETE', `/api/v1/services/${id}/photos/${a}/`, { token: owner.token })
  await house.drain()

  assert.deepEqual([ordered.status, removed.status], [200, 200])
  assert.deepEqual(
    (await photosOf(id)).map((photo) => photo.id),
    [c, b],
  )
  assert.equal((await files()).length, before - 3)
  assert.equal((await order([c])).status, 400)
  assert.equal((await order([c, a])).status, 400)
})

test('nobody touches the photos of another’s service', async () => {
  const id = await offered()
  await upload(id, owner.token, await picture('red'))
  const [photo] = await photosOf(id)
  const kept = await files()
  const of = (path: string) => `/api/v1/services/${id}/photos/${path}`

  const tries = [
    await upload(id, rival.token, await picture('black')),
    await upload(id, undefined, await picture('black')),
    await house.call('PUT', of(''), { token: rival.token, json: { photo_ids: [photo!.id] } }),
    await house.call('DELETE', of(`${photo!.id}/`), { token: rival.token }),
    await house.call('DELETE', `/api/v1/services/${await offered()}/photos/${photo!.id}/`, { token: owner.token }),
    await upload(999_999, owner.token, await picture('black')),
  ]

  assert.deepEqual(
    tries.map(({ status }) => status),
    [403, 401, 403, 403, 404, 404],
  )
  assert.deepEqual(await photosOf(id), [photo])
  assert.deepEqual(await files(), kept)
})

test('what is no picture, or in another field, is refused', async () => {
  const id = await offered()

  assert.equal((await upload(id, owner.token, Buffer.from('<svg onload="alert(1)"/>'))).status, 415)
  assert.equal((await upload(id, owner.token, await picture('red'), 'avatar')).status, 400)
  assert.deepEqual(await photosOf(id), [])
})
