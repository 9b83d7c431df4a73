import { active, ContentError, damaged, twoThings } from './content-error.ts'
import { contains } from './scan.ts'
import { pieces, type Readout } from './spool.ts'

/** The structure of pictures, films and PDF, followed from the first byte to the last: nothing is decoded, so nothing of a bomb goes off here. */

/** A little above the largest cameras of phones (108 megapixels); each pixel is four bytes for whoever opens it. */
const MAX_PIXELS = 120_000_000
const MAX_SIDE = 30_000
const MAX_BLOCKS = 2_000_000

function checkSides(width: number, height: number): void {
  if (width === 0 || height === 0) throw damaged()
  if (width > MAX_SIDE || height > MAX_SIDE || width * height > MAX_PIXELS)
    throw new ContentError('too_large', 'The image has too many pixels')
}

/** Reads ahead, so that following a structure is not one read of the disk for each of its parts. */
function ahead(file: Readout) {
  let from = 0
  let window: Buffer = Buffer.alloc(0)
  return async (position: number, length: number): Promise<Buffer> => {
    if (position < from || position + length > from + window.length) {
      from = position
      window = await file.read(position, Math.max(length, 64 * 1024))
    }
    const found = window.subarray(position - from, position - from + length)
    if (found.length < length) throw damaged()
    return found
  }
}

/** Ends the file there? Padding with zeros is nothing. */
async function endsAt(file: Readout, end: number): Promise<boolean> {
  if (end > file.size) throw damaged()
  for await (const piece of pieces(file, end)) if (piece.some((byte) => byte !== 0)) return false
  return true
}

/** PNG: chunks from IHDR to IEND and nothing behind. */
export async function checkPng(file: Readout): Promise<void> {
  const read = ahead(file)
  const header = await read(8, 16)
  if (header.toString('latin1', 4, 8) !== 'IHDR') throw damaged()
  checkSides(header.readUInt32BE(8), header.readUInt32BE(12))
  let at = 8
  for (let chunks = 0; chunks < MAX_BLOCKS; chunks++) {
    const chunk = await read(at, 8)
    at += 12 + chunk.readUInt32BE(0)
    if (chunk.toString('latin1', 4, 8) !== 'IEND') continue
    if (!(await endsAt(file, at))) throw twoThings()
    return
  }
  throw damaged()
}

/** The bytes of a colour table, by the flags before it. */
const table = (flags: number): number => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0)

/** GIF: blocks up to the trailer and nothing behind. */
export async function checkGif(file: Readout): Promise<void> {
  const read = ahead(file)
  const screen = await read(6, 7)
  checkSides(screen.readUInt16LE(0), screen.readUInt16LE(2))
  let at = 13 + table(screen[4]!)
  for (let blocks = 0; blocks < MAX_BLOCKS; blocks++) {
    const kind = (await read(at, 1))[0]
    if (kind === 0x3b) {
      if (!(await endsAt(file, at + 1))) throw twoThings()
      return
    }
    if (kind === 0x2c) {
      const image = await read(at, 10)
      checkSides(image.readUInt16LE(5), image.readUInt16LE(7))
      at += 10 + table(image[9]!) + 1
    } else if (kind === 0x21) at += 2
    else throw damaged()
    for (let length = -1; length !== 0; at += length + 1) length = (await read(at, 1))[0]!
  }
  throw damaged()
}

/** What cameras of phones put behind the end of a JPEG: a second picture, the film of a moving photo, Samsung's notes. */
const behindJpeg = ['\xff\xd8\xff', 'ftyp']
const strangersBehind = ['PK\x03\x04', '%PDF-', 'MZ\x90', '\x7fELF', '<script', '<html', '<?php', '#!/']

/** JPEG: segments to the picture, the picture to its end; behind it only what cameras put there. */
export async function checkJpeg(file: Readout): Promise<void> {
  const read = ahead(file)
  let at = 2
  let seen = false
  for (let segments = 0; segments < MAX_BLOCKS; segments++) {
    const [mark, kind = 0] = await read(at, 2)
    if (mark !== 0xff) throw damaged()
    if (kind === 0xff) at++
    else if (kind === 0xd9) return checkBehindJpeg(file, at + 2, seen)
    else if (kind === 0x01 || (kind >= 0xd0 && kind <= 0xd7)) at += 2
    else {
      const length = (await read(at + 2, 2)).readUInt16BE()
      if (length < 2) throw damaged()
      if (kind >= 0xc0 && kind <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(kind)) {
        const frame = await read(at + 5, 4)
        checkSides(frame.readUInt16BE(2), frame.readUInt16BE(0))
        seen = true
      }
      at += 2 + length
      if (kind === 0xda) at = await endOfScan(file, at)
    }
  }
  throw damaged()
}

/** The next marker behind the coded picture: 0xff that is neither stuffed (00) nor a restart. */
async function endOfScan(file: Readout, from: number): Promise<number> {
  let at = from
  let marked = false
  for await (const piece of pieces(file, from)) {
    for (let i = 0; i < piece.length; i++) {
      if (!marked) {
        i = piece.indexOf(0xff, i)
        if (i < 0) break
        marked = true
        continue
      }
      const byte = piece[i]!
      if (byte === 0xff) continue
      if (byte !== 0 && (byte < 0xd0 || byte > 0xd7)) return at + i - 1
      marked = false
    }
    at += piece.length
  }
  throw damaged()
}

async function checkBehindJpeg(file: Readout, end: number, seen: boolean): Promise<void> {
  if (!seen) throw damaged()
  if (await endsAt(file, end)) return
  const [head, tail] = [await file.read(end, 4096), await file.read(Math.max(end, file.size - 4), 4)]
  const known = behindJpeg.some((sign) => head.includes(sign, 0, 'latin1')) || tail.toString('latin1') === 'SEFT'
  if (!known || (await contains(file, strangersBehind, end))) throw twoThings()
}

/** RIFF (WebP, WAV): as long as it says. */
export async function checkRiff(file: Readout): Promise<void> {
  const read = ahead(file)
  const header = await read(0, 30)
  const length = header.readUInt32LE(4) + 8
  if (!(await endsAt(file, length + (length % 2)))) throw twoThings()
  const kind = header.toString('latin1', 12, 16)
  if (kind === 'VP8X') checkSides(header.readUIntLE(24, 3) + 1, header.readUIntLE(27, 3) + 1)
  if (kind === 'VP8 ') checkSides(header.readUInt16LE(26) & 0x3fff, header.readUInt16LE(28) & 0x3fff)
  if (kind === 'VP8L') {
    const bits = header.readUInt32LE(21)
    checkSides((bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1)
  }
}

/** ISO base media (MP4, MOV, HEIC, AVIF): boxes one after another up to the end. */
export async function checkBoxes(file: Readout): Promise<void> {
  const read = ahead(file)
  let at = 0
  for (let boxes = 0; at < file.size; boxes++) {
    if (boxes > MAX_BLOCKS) throw damaged()
    if (file.size - at < 8) {
      if (await endsAt(file, at)) return
      throw twoThings()
    }
    const box = await read(at, 8)
    const kind = box.toString('latin1', 4, 8)
    if (!/^[\w \-.©]{4}$/.test(kind)) {
      if (await endsAt(file, at)) return
      throw twoThings()
    }
    if (kind === 'meta') await checkImageBoxes(file, at)
    const short = box.readUInt32BE(0)
    // 0 means up to the end of the file, 1 that the length is in the next eight bytes.
    const length =
      short === 1 ? Number((await read(at + 8, 8)).readBigUInt64BE()) : short === 0 ? file.size - at : short
    if (length < 8 || at + length > file.size) throw damaged()
    at += length
  }
}

/** The sides of HEIC and AVIF stand in `ispe` boxes within `meta`. */
async function checkImageBoxes(file: Readout, at: number): Promise<void> {
  const meta = await file.read(at, 256 * 1024)
  for (
    let found = meta.indexOf('ispe');
    found >= 0 && found + 16 <= meta.length;
    found = meta.indexOf('ispe', found + 4)
  )
    checkSides(meta.readUInt32BE(found + 8), meta.readUInt32BE(found + 12))
}

const runs = ['JavaScript', 'Launch', 'RichMedia']

/** PDF: from its first byte to its end mark, and nothing in it that runs. Names inside compressed objects are not seen: readers ask before they run those. */
export async function checkPdf(file: Readout): Promise<void> {
  if ((await file.read(0, 5)).toString('latin1') !== '%PDF-') throw damaged()
  const tail = (await file.read(Math.max(0, file.size - 2048), 2048)).toString('latin1')
  const end = tail.lastIndexOf('%%EOF')
  if (end < 0) throw damaged()
  if (!/^[\s\0]*$/.test(tail.slice(end + 5))) throw twoThings()
  let rest = ''
  for await (const piece of pieces(file)) {
    const text = rest + piece.toString('latin1')
    for (const [, name = ''] of text.matchAll(/\/([A-Za-z#][\w#]{2,60})/g))
      if (runs.includes(plainName(name))) throw active()
    rest = text.slice(-64)
  }
}

/** A name of PDF without its escapes (`/J#61vaScript`). */
const plainName = (name: string): string =>
  name.replace(/#([\dA-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
