import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib'
import sharp from 'sharp'

/** Files for the tests: small, true ones, to be spoilt. */

const u16 = (value: number): Buffer => Buffer.from([value & 255, value >> 8])
const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

export type ZipPart = { name: string; data: string | Buffer; stored?: boolean; flags?: number; claims?: number }

/** A ZIP of these parts; `claims` is the size that a part says it unpacks to. */
export function zipOf(parts: readonly ZipPart[], comment = ''): Buffer {
  const bodies: Buffer[] = []
  const directory: Buffer[] = []
  let at = 0
  for (const { name, data, stored = false, flags = 0, claims } of parts) {
    const whole = Buffer.from(data)
    const packed = stored ? whole : deflateRawSync(whole)
    const facts = Buffer.concat([
      u16(20),
      u16(flags),
      u16(stored ? 0 : 8),
      u32(0),
      u32(crc32(whole)),
      u32(packed.length),
      u32(claims ?? whole.length),
      u16(Buffer.byteLength(name)),
      u16(0),
    ])
    const body = Buffer.concat([Buffer.from('PK\x03\x04'), facts, Buffer.from(name), packed])
    directory.push(
      Buffer.concat([
        Buffer.from('PK\x01\x02'),
        u16(20),
        facts,
        u16(0),
        u16(0),
        u16(0),
        u32(0),
        u32(at),
        Buffer.from(name),
      ]),
    )
    bodies.push(body)
    at += body.length
  }
  const entries = Buffer.concat(directory)
  const end = Buffer.concat([
    Buffer.from('PK\x05\x06'),
    u32(0),
    u16(parts.length),
    u16(parts.length),
    u32(entries.length),
    u32(at),
    u16(comment.length),
    Buffer.from(comment, 'latin1'),
  ])
  return Buffer.concat([...bodies, entries, end])
}

const types = (main: string): string =>
  `<?xml version="1.0"?><Types><Override PartName="/main" ContentType="application/vnd.openxmlformats-officedocument.${main}.main+xml"/></Types>`

/** A Word document, with other parts beside its own. */
export const docx = (...more: ZipPart[]): Buffer =>
  zipOf([
    { name: '[Content_Types].xml', data: types('wordprocessingml.document') },
    { name: 'word/document.xml', data: '<w:document/>' },
    ...more,
  ])

/** A Writer document. */
export const odt = (): Buffer =>
  zipOf([
    { name: 'mimetype', data: 'application/vnd.oasis.opendocument.text', stored: true },
    { name: 'content.xml', data: '<office:document-content/>' },
  ])

/** A page of PDF. */
export const pdf = (inside = ''): Buffer =>
  Buffer.from(
    `%PDF-1.4\n%\xe2\xe3\n1 0 obj\n<</Type/Catalog${inside}>>\nendobj\ntrailer\n<</Root 1 0 R>>\n%%EOF\n`,
    'latin1',
  )

/** A red picture. */
export const picture = (format: 'jpeg' | 'png' | 'gif' | 'webp' | 'avif', width = 30, height = 20): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background: 'red' } })
    .toFormat(format)
    .toBuffer()

const box = (kind: string, data: Buffer): Buffer => {
  const head = Buffer.alloc(8)
  head.writeUInt32BE(8 + data.length)
  head.write(kind, 4, 'latin1')
  return Buffer.concat([head, data])
}

/** The frame of a film. */
export const mp4 = (): Buffer =>
  Buffer.concat([
    box('ftyp', Buffer.from('isom\x00\x00\x02\x00isomiso2mp41', 'latin1')),
    box('mdat', Buffer.alloc(100, 7)),
    box('moov', Buffer.alloc(50)),
  ])

/** A sound of 100 bytes. */
export const wav = (): Buffer =>
  Buffer.concat([
    Buffer.from('RIFF'),
    u32(136),
    Buffer.from('WAVEfmt '),
    u32(16),
    Buffer.alloc(16, 1),
    Buffer.from('data'),
    u32(100),
    Buffer.alloc(100),
  ])

const boundary = '----------------------------a-boundary'
type Sent = { field?: string; name?: string; fields?: Record<string, string>; last?: boolean }

/** What a browser sends: fields and one file. */
export function form(bytes: Buffer, { field = 'file', name = 'plan.pdf', fields = {}, last = false }: Sent = {}) {
  const texts = Object.entries(fields).map(([key, value]) =>
    Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="${key}"\r\n\r\n${value}\r\n`),
  )
  const file = Buffer.concat([
    Buffer.from(
      `--${boundary}\r\ncontent-disposition: form-data; name="${field}"; filename="${name}"\r\ncontent-type: application/octet-stream\r\n\r\n`,
    ),
    bytes,
    Buffer.from('\r\n'),
  ])
  const parts = last ? [...texts, file] : [file, ...texts]
  return {
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    payload: Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)]),
  }
}

/** The files of a ZIP by their names, as a reader that trusts its directory unpacks them. */
export function unzip(zip: Buffer): Map<string, Buffer> {
  const found = new Map<string, Buffer>()
  const end = zip.lastIndexOf('PK\x05\x06', zip.length, 'latin1')
  let at = zip.readUInt32LE(end + 16)
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const [packed, nameLength] = [zip.readUInt32LE(at + 20), zip.readUInt16LE(at + 28)]
    const local = zip.readUInt32LE(at + 42)
    const begin = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
    const bytes = zip.subarray(begin, begin + packed)
    const whole = zip.readUInt16LE(at + 10) === 8 ? inflateRawSync(bytes) : bytes
    if (crc32(whole) !== zip.readUInt32LE(at + 16)) throw new Error('a part of the ZIP is damaged')
    found.set(zip.toString('utf8', at + 46, at + 46 + nameLength), whole)
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32)
  }
  return found
}
