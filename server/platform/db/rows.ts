import { types, type Connection, type QueryResult } from 'pg'

/** Rows as they come over the wire, read by what is known of their columns: no text is made of what becomes a number, and no list of texts of a row. */

/** What makes a value of a column's bytes, which are its text in UTF-8. */
type Reader = (bytes: Buffer, from: number, to: number) => unknown

/** How the rows of a statement are read: the names of its columns and what makes a value of each. */
export type Shape = {
  /** Shapes of the same names and types have the same number, whatever statement and connection they are of. */
  readonly number: number
  names: string[]
  readers: Reader[]
  empty: Record<string, unknown>
  /** The driver's own words for the columns, as results bear them. */
  fields: QueryResult['fields']
}

export const noColumns: Shape = { number: 0, names: [], readers: [], empty: {}, fields: [] }

// Their identifiers are any type's, those of extensions too.
const parserOf = types.getTypeParser as (type: number, format: 'text') => (text: string) => unknown

const numbers = new Map<string, number>()

function numberOf(fields: QueryResult['fields']): number {
  const columns = JSON.stringify(fields.map(({ name, dataTypeID }) => [name, dataTypeID]))
  const number = numbers.get(columns) ?? numbers.size + 1
  numbers.set(columns, number)
  return number
}

/** @param fields what the server says of the columns */
export function shapeOf(fields: QueryResult['fields']): Shape {
  const names = fields.map(({ name }) => name)
  let number: number | undefined
  return {
    // Few ask for it: of most statements no row is remembered.
    get number() {
      return (number ??= numberOf(fields))
    },
    names,
    readers: fields.map(({ dataTypeID }) => readerOf(dataTypeID)),
    empty: Object.fromEntries(names.map((name) => [name, null])),
    fields,
  }
}

const { INT2, INT4, INT8, BOOL, TEXT, VARCHAR, UUID } = types.builtins
const booleans: number[] = [BOOL]
const integers: number[] = [INT2, INT4, INT8]
const texts: number[] = [TEXT, VARCHAR, UUID]

function readerOf(type: number): Reader {
  if (booleans.includes(type)) return readBoolean
  if (texts.includes(type)) return readText
  const parse = parserOf(type, 'text')
  const read: Reader = (bytes, from, to) => parse(readText(bytes, from, to))
  if (!integers.includes(type)) return read
  // Larger ones may be more than a number can hold, which the parser refuses.
  return (bytes, from, to) => (to - from > 15 ? read(bytes, from, to) : readInteger(bytes, from, to))
}

const readText = (bytes: Buffer, from: number, to: number): string =>
  from === to ? '' : bytes.toString('utf8', from, to)

const readBoolean = (bytes: Buffer, from: number): boolean => bytes[from] === 0x74

function readInteger(bytes: Buffer, from: number, to: number): number {
  const isNegative = bytes[from] === 0x2d
  let value = 0
  for (let i = isNegative ? from + 1 : from; i < to; i++) value = value * 10 + bytes[i]! - 0x30
  return isNegative ? -value : value
}

/** A row in the bytes in which it came; they are the socket's, so that it must be read before the next come. */
export class DataRow {
  readonly #bytes: Buffer
  /** Where the number of its columns stands. */
  readonly #at: number
  readonly #end: number

  constructor(bytes: Buffer, at: number, end: number) {
    this.#bytes = bytes
    this.#at = at
    this.#end = end
  }

  read({ names, readers, empty }: Shape): Record<string, unknown> {
    const bytes = this.#bytes
    const row = { ...empty }
    let at = this.#at + 2
    for (let i = 0; i < readers.length; i++) {
      const length = bytes.readInt32BE(at)
      at += 4
      if (length < 0) continue
      row[names[i]!] = readers[i]!(bytes, at, at + length)
      at += length
    }
    return row
  }

  /** The bytes of its columns, of which a copy must be made to keep them. */
  get bytes(): Buffer {
    return this.#bytes.subarray(this.#at + 2, this.#end)
  }

  /** Is it, byte for byte, what this is? */
  is(bytes: Buffer): boolean {
    return this.#bytes.compare(bytes, 0, bytes.length, this.#at + 2, this.#end) === 0
  }

  /** The text of its first column, by which rows of a list are told from one another. */
  get first(): string {
    const at = this.#at + 6
    return this.#bytes.toString('latin1', at, at + Math.max(0, this.#bytes.readInt32BE(at - 4)))
  }

  /** The texts of its columns, as the driver's own queries read them. */
  get fields(): (string | null)[] {
    const bytes = this.#bytes
    let at = this.#at + 2
    return Array.from({ length: bytes.readInt16BE(this.#at) }, () => {
      const length = bytes.readInt32BE(at)
      at += 4
      if (length < 0) return null
      at += length
      return readText(bytes, at - length, at)
    })
  }
}

const dataRow = 0x44
/** The kind of a message and its length, which counts itself. */
const headLength = 5

/**
 * Lets a connection that has just been opened tell its rows as `DataRow`. Whole rows are taken out of what the server sends, all between them goes to the
 * driver's own parser as it came: rows are by far the most, and that makes a text of every value.
 */
export function tellRows(connection: Connection): void {
  const { stream } = connection
  const [parse] = stream.listeners('data') as ((chunk: Buffer) => void)[]
  if (!parse) throw new Error('the connection does not listen')
  stream.removeListener('data', parse)
  /** A message that is not whole yet, in the order of its parts, and how many bytes it must have at least. */
  let parts: Buffer[] = []
  let present = 0
  let wanted = 0
  stream.on('data', (chunk: Buffer) => {
    let bytes = chunk
    if (parts.length > 0) {
      parts.push(chunk)
      present += chunk.length
      if (present < wanted) return
      bytes = Buffer.concat(parts, present)
      parts = []
    }
    let at = 0
    /** From here to `at` is nothing but what the driver reads. */
    let others = 0
    wanted = headLength
    while (at + headLength <= bytes.length) {
      const end = at + 1 + bytes.readUInt32BE(at + 1)
      wanted = end - at
      if (end > bytes.length) break
      if (bytes[at] === dataRow) {
        if (others < at) parse(bytes.subarray(others, at))
        connection.emit('dataRow', new DataRow(bytes, at + headLength, end))
        others = end
      }
      at = end
      wanted = headLength
    }
    if (others < at) parse(bytes.subarray(others, at))
    if (at < bytes.length) {
      parts = [bytes.subarray(at)]
      present = bytes.length - at
    }
  })
}
