import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { crc32, deflateSync } from 'node:zlib'
import { fileTypeFromBuffer } from 'file-type'
import sharp from 'sharp'
import type { Sharp } from 'sharp'
import { ImageError, makePhoto, MAX_PHOTO_BYTES } from './images.ts'
import type { Photo } from './images.ts'

const SCRIPT = '<?php system($_GET["c"]); ?><script>alert(1)</script>'

/** An image of this size: red above, blue below. */
function picture(width: number, height: number) {
  const pixels = Buffer.alloc(width * height * 3)
  for (let at = 0; at < width * height; at++) pixels[at * 3 + (at < (width * height) / 2 ? 0 : 2)] = 220
  return sharp(pixels, { raw: { width, height, channels: 3 } })
}

const variants = (photo: Photo) => [photo.large, photo.medium, photo.small]

const refused = (code: ImageError['code']) => (error: unknown) => error instanceof ImageError && error.code === code

async function colourAt(bytes: Buffer, left: number, top: number) {
  const [r = 0, , b = 0] = await sharp(bytes).extract({ left, top, width: 1, height: 1 }).removeAlpha().raw().toBuffer()
  return r > 150 && b < 100 ? 'red' : b > 150 && r < 100 ? 'blue' : 'mixed'
}

test('a JPEG stays a JPEG and comes in three sizes', async () => {
  const upload = await picture(1600, 1200).jpeg().toBuffer()

  const photo = await makePhoto(upload)

  assert.equal(photo.contentType, 'image/jpeg')
  assert.deepEqual(
    variants(photo).map(({ width, height }) => [width, height]),
    [
      [1024, 768],
      [256, 256],
      [64, 64],
    ],
  )
  for (const { bytes, width, height } of variants(photo)) {
    assert.equal((await fileTypeFromBuffer(bytes))?.mime, 'image/jpeg')
    const seen = await sharp(bytes).metadata()
    assert.deepEqual([seen.width, seen.height], [width, height])
  }
})

test('a PNG stays a PNG with its transparency, and a small one is not enlarged', async () => {
  const upload = await sharp({ create: { width: 100, height: 40, channels: 4, background: '#ff000080' } })
    .png()
    .toBuffer()

  const photo = await makePhoto(upload)

  assert.equal(photo.contentType, 'image/png')
  assert.deepEqual(
    variants(photo).map(({ width, height }) => [width, height]),
    [
      [100, 40],
      [256, 256],
      [64, 64],
    ],
  )
  assert.equal((await sharp(photo.large.bytes).metadata()).hasAlpha, true)
})

test('the first frame of an animated GIF becomes a PNG', async () => {
  const upload = await sharp(
    [await picture(30, 30).png().toBuffer(), await picture(30, 30).negate().png().toBuffer()],
    { join: { animated: true } },
  )
    .gif({ delay: [100, 100] })
    .toBuffer()
  assert.equal((await sharp(upload).metadata()).pages, 2)

  const photo = await makePhoto(upload)

  assert.equal(photo.contentType, 'image/png')
  assert.equal((await sharp(photo.large.bytes).metadata()).pages, undefined)
  assert.equal(await colourAt(photo.large.bytes, 15, 3), 'red')
})

test('a photo is turned upright as its EXIF says', async () => {
  const upload = await picture(400, 200)
    .jpeg()
    .withExif({ IFD0: { Orientation: '6' } })
    .withMetadata({ orientation: 6 })
    .toBuffer()

  const photo = await makePhoto(upload)

  assert.deepEqual([photo.large.width, photo.large.height], [200, 400])
  assert.equal(await colourAt(photo.large.bytes, 180, 200), 'red')
  assert.equal(await colourAt(photo.large.bytes, 20, 200), 'blue')
})

test('where, when and with what it was taken is gone', async () => {
  const exif = {
    IFD0: { Copyright: 'Secret Owner', Make: 'SecretCamera' },
    IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '50/1 27/1 0/1' },
  }
  const withAll = (image: Sharp) =>
    image.withExif(exif).withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/">Secret</x:xmpmeta>').withIccProfile('p3')

  for (const upload of [
    await withAll(picture(300, 300).jpeg()).toBuffer(),
    await withAll(picture(300, 300).png()).toBuffer(),
  ]) {
    assert.ok(upload.includes('Secret'))
    for (const { bytes } of variants(await makePhoto(upload))) {
      const seen = await sharp(bytes).metadata()
      assert.deepEqual([seen.exif, seen.xmp, seen.icc, seen.iptc, seen.orientation], Array(5).fill(undefined))
      assert.ok(!bytes.includes('Secret'))
    }
  }
})

test('what hides inside or behind an image is gone', async () => {
  const jpeg = await picture(300, 300).jpeg().toBuffer()
  const png = await picture(300, 300).png().toBuffer()
  const gif = await picture(300, 300).gif().toBuffer()
  const payload = Buffer.from(SCRIPT)
  const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 0, payload.length + 2]), payload])
  const polyglots = {
    'JPEG with a ZIP behind it': Buffer.concat([jpeg, Buffer.from('PK\x03\x04'), payload]),
    'JPEG with PHP in a comment': Buffer.concat([jpeg.subarray(0, 2), comment, jpeg.subarray(2)]),
    'PNG with PHP behind it': Buffer.concat([png, payload]),
    'PNG with PHP in a text chunk': Buffer.concat([
      png.subarray(0, 33),
      chunk('tEXt', Buffer.concat([Buffer.from('Comment\0'), payload])),
      png.subarray(33),
    ]),
    'GIF with HTML behind it': Buffer.concat([gif, payload]),
    'GIF with PHP in a comment': Buffer.concat([
      gif.subarray(0, -1),
      Buffer.from([0x21, 0xfe, payload.length]),
      payload,
      Buffer.from([0, 0x3b]),
    ]),
  }

  for (const [name, upload] of Object.entries(polyglots)) {
    assert.ok(upload.includes(SCRIPT), name)
    for (const { bytes } of variants(await makePhoto(upload))) {
      assert.ok(
        ['<?php', '<script', 'PK\x03\x04'].every((trace) => !bytes.includes(trace)),
        name,
      )
    }
  }
})

test('a GIF that is also JavaScript comes out as neither, or not at all', async () => {
  const gif = await picture(300, 300).gif().toBuffer()
  // The famous one: the width is "/*", so that what follows is a comment to a script engine.
  const script = Buffer.concat([gif.subarray(0, 6), Buffer.from('/*'), gif.subarray(8), Buffer.from('*/=1;alert(1)//')])

  const [ended] = await Promise.allSettled([makePhoto(script)])

  if (ended.status === 'rejected') assert.ok(refused('broken')(ended.reason))
  else for (const { bytes } of variants(ended.value)) assert.ok(bytes[0] === 0x89 && !bytes.includes('alert'))
})

test('what is no JPEG, PNG or GIF is refused whatever it calls itself', async () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>'
  const uploads = {
    svg: Buffer.from(svg),
    'svg with declaration': Buffer.from(`<?xml version="1.0"?>${svg}`),
    html: Buffer.from('<!doctype html><script>alert(1)</script>'),
    text: Buffer.from('Gift of words'),
    webp: await picture(20, 20).webp().toBuffer(),
    tiff: await picture(20, 20).tiff().toBuffer(),
    avif: await picture(20, 20).avif({ effort: 0 }).toBuffer(),
    pdf: Buffer.from('%PDF-1.7\n1 0 obj<<>>endobj'),
    zip: Buffer.from('PK\x03\x04rest of it'),
    noise: randomBytes(5000).fill(0x41, 0, 1),
  }

  for (const [name, upload] of Object.entries(uploads))
    await assert.rejects(makePhoto(upload), refused('unsupported'), name)
})

test('an empty file and one of more than 5 MB are refused', async () => {
  const jpeg = await picture(30, 30).jpeg().toBuffer()

  await assert.rejects(makePhoto(Buffer.alloc(0)), refused('broken'))
  await assert.rejects(makePhoto(Buffer.concat([jpeg, Buffer.alloc(MAX_PHOTO_BYTES)])), refused('too_large'))
  await makePhoto(Buffer.concat([jpeg, Buffer.alloc(MAX_PHOTO_BYTES - jpeg.length)]))
})

test('a file that is cut off or damaged is refused', async () => {
  const noise = sharp(randomBytes(300 * 300 * 3), { raw: { width: 300, height: 300, channels: 3 } })
  const whole = [
    await noise.clone().jpeg().toBuffer(),
    await noise.clone().png().toBuffer(),
    await noise.clone().gif().toBuffer(),
  ]

  for (const bytes of whole) {
    for (const part of [0.02, 0.5, 0.9]) {
      const cut = bytes.subarray(0, Math.floor(bytes.length * part))
      await assert.rejects(makePhoto(cut), refused('broken'), `${bytes.subarray(0, 4).toString('latin1')} ${part}`)
    }
  }
  await assert.rejects(makePhoto(Buffer.from([0xff, 0xd8, 0xff, 0xe0])), refused('broken'))
})

test('an image that unfolds to more than memory is refused before it does', async () => {
  const black = deflateSync(Buffer.alloc(1_000_000))
  const bomb = Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header(60_000, 60_000)),
    chunk('IDAT', black),
    chunk('IEND', Buffer.alloc(0)),
  ])
  const gif = await picture(10, 10).gif().toBuffer()
  const descriptor = gif.indexOf(Buffer.from([0x2c, 0, 0, 0, 0, 10, 0, 10, 0]))
  for (const at of [6, 8, descriptor + 5, descriptor + 7]) gif.writeUInt16LE(60_000, at)
  const jpeg = await picture(16, 16).jpeg().toBuffer()
  const frame = jpeg.indexOf(Buffer.from([0xff, 0xc0]))
  jpeg.writeUInt16BE(65_000, frame + 5)
  jpeg.writeUInt16BE(65_000, frame + 7)
  const before = process.memoryUsage().rss

  for (const upload of [bomb, gif, jpeg]) await assert.rejects(makePhoto(upload), refused('too_large'))

  assert.ok(process.memoryUsage().rss - before < 200e6)
})

test('a GIF of very many frames is refused', async () => {
  const gif = await picture(2, 2).gif().toBuffer()
  const firstFrame = gif.subarray(gif.indexOf(Buffer.from([0x21, 0xf9])), -1)
  const frames = Array.from({ length: 301 }, () => firstFrame)

  const many = Buffer.concat([gif.subarray(0, -1), ...frames, Buffer.from([0x3b])])
  await assert.rejects(makePhoto(many), refused('too_large'))
})

test('many at once all come out right', async () => {
  const upload = await picture(800, 600).jpeg().toBuffer()
  const bad = Buffer.from('no image')

  const ended = await Promise.allSettled(
    [upload, bad, upload, upload.subarray(0, 300), upload, upload].map((bytes) => makePhoto(bytes)),
  )

  assert.deepEqual(
    ended.map((one) => one.status),
    ['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
  )
})

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data])
  const out = Buffer.alloc(body.length + 8)
  out.writeUInt32BE(data.length, 0)
  body.copy(out, 4)
  out.writeUInt32BE(crc32(body), body.length + 4)
  return out
}

function header(width: number, height: number): Buffer {
  const data = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0])
  data.writeUInt32BE(width, 0)
  data.writeUInt32BE(height, 4)
  return data
}
