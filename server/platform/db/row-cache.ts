import { ownBytes } from '../bytes.ts'
import type { DataRow, Shape } from './rows.ts'

type Entry<Made> = { bytes: Buffer; made: Made }

/** Bytes of rows in each of the two generations; what is made of a row is about twice as much. */
const mostBytes = 2 * 1024 * 1024

/**
 * What is made of rows that are shown alike to everybody, each with the bytes from which it was made (decision 0032). The rows are always read from the database;
 * one that comes as it came before is not made again. So nothing has to be forgotten when something changes, on this node or on another.
 */
export class RowCache<Row, Made> {
  /** Makes of a row, and of nothing else that may change, what nobody changes afterwards. */
  readonly #make: (row: Row) => Made
  #young = new Map<string, Entry<Made>>()
  #old = new Map<string, Entry<Made>>()
  #youngBytes = 0

  constructor(make: (row: Row) => Made) {
    this.#make = make
  }

  /** What is made of this row, which is told from others of its shape by its first column. */
  of(row: DataRow, shape: Shape): Made {
    const key = `${shape.number} ${row.first}`
    const young = this.#young.get(key)
    if (young && row.is(young.bytes)) return young.made
    const old = this.#old.get(key)
    const entry =
      old && row.is(old.bytes) ? old : { bytes: ownBytes(row.bytes), made: this.#make(row.read(shape) as Row) }
    this.#keep(key, entry, young)
    return entry.made
  }

  /** What was used since the generation began is young; the others go with the next one. */
  #keep(key: string, entry: Entry<Made>, before: Entry<Made> | undefined): void {
    this.#youngBytes += entry.bytes.length - (before?.bytes.length ?? 0)
    if (this.#youngBytes > mostBytes) {
      this.#old = this.#young
      this.#young = new Map()
      this.#youngBytes = entry.bytes.length
    }
    this.#young.set(key, entry)
  }
}
