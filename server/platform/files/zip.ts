import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createInflateRaw, inflateRawSync } from 'node:zlib'
import { active, ContentError, damaged, twoThings } from './content-error.ts'
import type { Content } from './content.ts'
import { findZipEnd, type ZipEnd } from './scan.ts'
import type { Readout } from './spool.ts'

/** Office documents are ZIPs. What their directory claims decides, and each part is then unpacked, into nothing, as far as its claim: programs that open it may not stop there. */

const MAX_ENTRIES = 5000
const MAX_DIRECTORY = 4 * 1024 * 1024
const MAX_UNPACKED = 300 * 1024 * 1024
/** Text packs about ten times; a bomb a thousand times. Small parts may pack well, so the whole is measured. */
const MAX_RATIO = 100
const SMALL = 8 * 1024 * 1024
const PIECE = 256 * 1024

type Entry = { name: string; packed: number; unpacked: number; at: number; method: number }

const ooxml: Record<string, Content & { main: string }> = {
  'word/document.xml': {
    main: 'wordprocessingml.document.main+xml',
    contentType: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    extensions: ['docx'],
  },
  'xl/workbook.xml': {
    main: 'spreadsheetml.sheet.main+xml',
    contentType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    extensions: ['xlsx'],
  },
  'ppt/presentation.xml': {
    main: 'presentationml.presentation.main+xml',
    contentType: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
    extensions: ['pptx'],
  },
}
const openDocument: Record<string, string> = {
  'application/vnd.oasis.opendocument.text': 'odt',
  'application/vnd.oasis.opendocument.spreadsheet': 'ods',
  'application/vnd.oasis.opendocument.presentation': 'odp',
}

/** Macros, ActiveX, packed programs and objects of other programs, wherever they stand in a document. */
const runs =
  /(?:^|\/)(?:vbaproject\.bin|vbadata\.xml)$|(?:^|\/)(?:basic|scripts|activex|macrosheets|dialogsheets)\/|(?:^|\/)oleobject[^/]*$|\.(?:exe|dll|com|scr|pif|msi|bat|cmd|ps1|vbs?|vbe|jse?|wsf|hta|lnk|jar|class|sh|app|dmg|apk|html?|svgz?|docm|xlsm|pptm|xlsb|xlam|zip|rar|7z)$/i

/** An office document without macros, or why it is refused. @throws ContentError */
export async function checkOffice(file: Readout): Promise<Content> {
  const entries = await directoryOf(file)
  for (const { name } of entries) {
    if (name.startsWith('/') || name.includes('\\') || name.includes('\0') || name.split('/').includes('..'))
      throw damaged()
    if (runs.test(name)) throw active()
  }
  const packed = entries.reduce((sum, entry) => sum + entry.packed, 0)
  const unpacked = entries.reduce((sum, entry) => sum + entry.unpacked, 0)
  if (unpacked > MAX_UNPACKED || (unpacked > SMALL && unpacked > packed * MAX_RATIO))
    throw new ContentError('too_large', 'The file would become too large when it is unpacked')
  const content = await typeOf(file, entries)
  for (const entry of entries) await checkClaim(file, entry)
  return content
}

/** A part that holds more or less than the directory claims: a bomb that lies. Unpacking stops one piece behind the claim. @throws ContentError */
async function checkClaim(file: Readout, entry: Entry): Promise<void> {
  if (entry.method === 0) {
    if (entry.packed !== entry.unpacked) throw damaged()
    return
  }
  const begin = await dataAt(file, entry)
  let unpacked = 0
  const count = new Writable({
    write(piece: Buffer, _encoding, done) {
      unpacked += piece.length
      done(unpacked > entry.unpacked ? damaged() : null)
    },
  })
  try {
    await pipeline(Readable.from(piecesOf(file, begin, begin + entry.packed)), createInflateRaw(), count)
  } catch (error) {
    // zlib says it in its own words where the bytes are no deflated ones.
    throw error instanceof Error && 'code' in error && String(error.code).startsWith('Z_') ? damaged() : error
  }
  if (unpacked !== entry.unpacked) throw damaged()
}

async function* piecesOf(file: Readout, from: number, to: number): AsyncIterable<Buffer> {
  for (let at = from; at < to; at += PIECE) yield file.read(at, Math.min(PIECE, to - at))
}

async function typeOf(file: Readout, entries: readonly Entry[]): Promise<Content> {
  const first = entries.find(({ at }) => at === 0)
  if (first?.name === 'mimetype') {
    const type = (await unpack(file, first, 200)).toString('latin1').trim()
    const extension = Object.hasOwn(openDocument, type) ? openDocument[type] : undefined
    if (extension !== undefined) return { contentType: type, extensions: [extension] }
  }
  const types = entries.find(({ name }) => name === '[Content_Types].xml')
  for (const [part, { main, ...content }] of Object.entries(ooxml)) {
    if (!types || !entries.some(({ name }) => name === part)) continue
    const declared = (await unpack(file, types, 1024 * 1024)).toString('utf8')
    if (/macroenabled|vbaproject|activex/i.test(declared)) throw active()
    if (declared.includes(main)) return content
  }
  throw new ContentError('unsupported', 'Files of this type are not accepted')
}

/** The directory, checked: one after another, from the first byte to the last, as many bytes as it says. */
async function directoryOf(file: Readout): Promise<Entry[]> {
  const end = await findZipEnd(file)
  if (!end) throw damaged()
  // A comment is room for another file, and bytes before or behind the directory are one.
  if (end.commentLength !== 0 || end.at + 22 !== file.size || end.directoryAt + end.directorySize !== end.at)
    throw twoThings()
  if (end.entries === 0 || end.entries > MAX_ENTRIES || end.directorySize > MAX_DIRECTORY)
    throw new ContentError('too_large', 'The file would become too large when it is unpacked')
  const entries = entriesOf(await file.read(end.directoryAt, end.directorySize), end)
  await checkPlaces(file, entries, end.directoryAt)
  return entries
}

function entriesOf(directory: Buffer, end: ZipEnd): Entry[] {
  const entries: Entry[] = []
  let at = 0
  while (at < directory.length) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== 0x02014b50) throw damaged()
    const flags = directory.readUInt16LE(at + 8)
    const nameLength = directory.readUInt16LE(at + 28)
    const next = at + 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32)
    if (next > directory.length) throw damaged()
    if (flags & 0x2041) throw new ContentError('unsupported', 'Encrypted files are not accepted')
    const method = directory.readUInt16LE(at + 10)
    if (method !== 0 && method !== 8) throw damaged()
    entries.push({
      name: directory.toString('utf8', at + 46, at + 46 + nameLength),
      packed: directory.readUInt32LE(at + 20),
      unpacked: directory.readUInt32LE(at + 24),
      at: directory.readUInt32LE(at + 42),
      method,
    })
    at = next
  }
  const names = new Set(entries.map(({ name }) => name.toLowerCase()))
  if (entries.length !== end.entries || names.size !== entries.length) throw damaged()
  return entries
}

/** Parts that overlap are one kilobyte that becomes a petabyte; a gap between them is room for another file. */
async function checkPlaces(file: Readout, entries: readonly Entry[], directoryAt: number): Promise<void> {
  const places = entries.toSorted((a, b) => a.at - b.at)
  let at = 0
  for (const entry of places) {
    // A data descriptor of the part before has at most 24 bytes.
    if (entry.at < at || entry.at > at + (at === 0 ? 0 : 24)) throw entry.at < at ? damaged() : twoThings()
    at = (await dataAt(file, entry)) + entry.packed
  }
  if (at > directoryAt) throw damaged()
  if (directoryAt > at + 24) throw twoThings()
}

/** Where the bytes of a part begin: behind its own header, which names the part as the directory does. */
async function dataAt(file: Readout, { at, name }: Entry): Promise<number> {
  const header = await file.read(at, 30)
  if (header.length < 30 || header.readUInt32LE(0) !== 0x04034b50) throw damaged()
  const length = header.readUInt16LE(26)
  if ((await file.read(at + 30, length)).toString('utf8') !== name) throw damaged()
  return at + 30 + length + header.readUInt16LE(28)
}

/** The bytes of one small part. @throws ContentError where it is larger than `most` */
async function unpack(file: Readout, entry: Entry, most: number): Promise<Buffer> {
  if (entry.packed > most) throw damaged()
  const packed = await file.read(await dataAt(file, entry), entry.packed)
  if (entry.method === 0) return packed
  try {
    return inflateRawSync(packed, { maxOutputLength: most })
  } catch {
    throw damaged()
  }
}
