import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { conflict } from '../errors.ts'
import { Bytes } from './bytes.ts'
import type { BackupKey } from './keys.ts'

/** What stands in front of a sealed file, readable without the key and bound to every byte behind it. */
export type SealedHeader = { kind: 'database' | 'files' | 'content'; name: string; made_at: string }
type WrittenHeader = SealedHeader & { key: string; salt: string }

const magic = 'BANISTER BACKUP 1\n'
const chunkBytes = 256 * 1024
const tagBytes = 16
const mostHeaderBytes = 4096

/** The number of a chunk and whether it is the last: so none can be left out, moved or cut off (the STREAM construction). */
function nonceOf(number: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(12)
  nonce.writeUInt8(last ? 1 : 0, 0)
  nonce.writeUInt32BE(number, 8)
  return nonce
}

/**
 * Seals bytes as they come: AES-256-GCM in chunks of 256 KiB under a key of their own, each of which proves itself, its place and the header. Constant memory.
 * Layout: a line that names the format, a line of JSON, then for each chunk its length (4 bytes, big endian), the encrypted bytes and a tag of 16.
 */
export async function* seal(
  source: AsyncIterable<Uint8Array>,
  key: BackupKey,
  header: SealedHeader,
): AsyncGenerator<Buffer, void> {
  const salt = randomBytes(32)
  const written: WrittenHeader = { ...header, key: key.fingerprint, salt: salt.toString('base64') }
  const head = Buffer.from(`${magic}${JSON.stringify(written)}\n`)
  yield head
  const fileKey = key.fileKey(salt)
  const bytes = new Bytes(source)
  try {
    let chunk = await bytes.upTo(chunkBytes)
    for (let number = 0; ; number++) {
      const next = chunk.length < chunkBytes ? Buffer.alloc(0) : await bytes.upTo(chunkBytes)
      const last = next.length === 0
      const cipher = createCipheriv('aes-256-gcm', fileKey, nonceOf(number, last)).setAAD(head)
      const encrypted = Buffer.concat([cipher.update(chunk), cipher.final()])
      const length = Buffer.alloc(4)
      length.writeUInt32BE(encrypted.length)
      yield Buffer.concat([length, encrypted, cipher.getAuthTag()])
      if (last) return
      chunk = next
    }
  } finally {
    await bytes.close()
  }
}

const damaged = (why: string) => conflict('The backup is damaged: {why}', { params: { why } })

async function readHead(bytes: Bytes): Promise<{ head: Buffer; header: WrittenHeader }> {
  const first = await bytes.upTo(magic.length)
  if (first.toString('latin1') !== magic) throw conflict('This is not a backup of Banister')
  const line = await bytes.line(mostHeaderBytes)
  try {
    const header = JSON.parse(line?.toString() ?? '') as WrittenHeader
    if (typeof header.key === 'string' && typeof header.salt === 'string')
      return { head: Buffer.concat([first, line!]), header }
  } catch {
    // Told below.
  }
  throw damaged('its header cannot be read')
}

/** The header of a sealed file, believed as it stands: only opening it proves that it is true. @throws CONFLICT where this is no backup */
export async function readSealedHeader(source: AsyncIterable<Uint8Array>): Promise<SealedHeader & { key: string }> {
  const bytes = new Bytes(source)
  try {
    return (await readHead(bytes)).header
  } finally {
    await bytes.close()
  }
}

/**
 * Opens what `seal` wrote: the header, then the bytes as they are read, none of them before it has proved itself.
 * @throws CONFLICT that says whether it is no backup, sealed with a key that is not ours, damaged or cut off
 */
export async function unseal(
  source: AsyncIterable<Uint8Array>,
  keys: readonly BackupKey[],
): Promise<{ header: SealedHeader; body: AsyncGenerator<Buffer, void> }> {
  const bytes = new Bytes(source)
  try {
    const { head, header } = await readHead(bytes)
    const key = keys.find(({ fingerprint }) => fingerprint === header.key)
    if (!key)
      throw conflict(
        'The backup was sealed with another key ({key}): set BACKUP_KEY, or SECRET_KEY where there was none, to that of the house that made it',
        { params: { key: header.key } },
      )
    return { header, body: chunks(bytes, key.fileKey(Buffer.from(header.salt, 'base64')), head) }
  } catch (error) {
    await bytes.close()
    throw error
  }
}

async function* chunks(bytes: Bytes, key: Buffer, head: Buffer): AsyncGenerator<Buffer, void> {
  try {
    for (let number = 0; ; number++) {
      const length = await bytes.upTo(4)
      if (length.length < 4) throw damaged('its end is missing')
      const size = length.readUInt32BE()
      if (size > chunkBytes) throw damaged(`part ${number + 1} is not what was written`)
      const sealed = await bytes.upTo(size + tagBytes)
      if (sealed.length < size + tagBytes) throw damaged('its end is missing')
      // Which of them is the last says the tag alone.
      const chunk = open(sealed, key, head, nonceOf(number, false))
      if (chunk) {
        yield chunk
        continue
      }
      const last = open(sealed, key, head, nonceOf(number, true))
      if (!last) throw damaged(`part ${number + 1} is not what was written`)
      if ((await bytes.upTo(1)).length > 0) throw damaged('something was put behind its end')
      yield last
      return
    }
  } finally {
    await bytes.close()
  }
}

function open(sealed: Buffer, key: Buffer, head: Buffer, nonce: Buffer): Buffer | null {
  const end = sealed.length - tagBytes
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes }).setAAD(head)
  decipher.setAuthTag(sealed.subarray(end))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, end)), decipher.final()])
  } catch {
    // The tag does not fit: other bytes, another place or another key.
    return null
  }
}
