import type { Connection, QueryResult, Submittable } from 'pg'
import { serialize } from 'pg-protocol'
import type { RowCache } from './row-cache.ts'
import { noColumns, shapeOf, type DataRow, type Shape } from './rows.ts'

/** What this driver's connections do and its types do not tell. */
type Wire = Connection & {
  parsedStatements: Record<string, string | undefined>
  close: (what: { type: 'S'; name: string }) => void
}

const shapes = new WeakMap<Wire, Map<string, Shape>>()

/** How often a table was found changed under prepared statements, and as of which time each connection has prepared its own. */
let changes = 0
const preparedAt = new WeakMap<Wire, number>()

/** Was a statement refused because a migration has since given it other columns (a node of the version before, while another one starts)? */
export const isOutdated = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  error.code === '0A000' &&
  'routine' in error &&
  // The message is the server's language, the name of its function is not.
  error.routine === 'RevalidateCachedQuery'

/** Lets every statement of this connection be prepared anew, if a table was found changed since. One that fails is a sign for all of them: each would fail once. */
function forgetOutdated(wire: Wire): void {
  if ((preparedAt.get(wire) ?? 0) < changes) {
    for (const name of Object.keys(wire.parsedStatements)) wire.close({ type: 'S', name })
    wire.parsedStatements = {}
    shapes.delete(wire)
  }
  preparedAt.set(wire, changes)
}

/** A statement to be prepared under this name and run with these values, as `encode` writes them; without a name it is prepared anew each time. */
export type Statement = {
  name: string
  text: string
  values: readonly (string | Buffer | null)[]
  /** Its rows are answered as what this makes of them. */
  cache?: RowCache<never, object> | undefined
  refusal?: Refusal | undefined
  /** Looks at its rows; what it answers is thrown instead of all answers of the message. */
  expects?: ((rows: readonly unknown[]) => Error | null) | undefined
}

/** What is thrown when a statement fails, instead of the database's error. */
export type Refusal = (error: unknown) => unknown

/**
 * Prepared statements of one connection that go out as one write and are answered as one: each wake-up of the other side costs both more than a small statement
 * does. Those after one that fails are not run; outside of a transaction none of them has happened then. The driver asks for the description of the rows with
 * every execution, which costs the server, the wire and the reading of it (a twentieth of a point read, measured); here it is asked for once, when the statement
 * is prepared. A description cannot change after that: the server refuses a statement whose plan would give other columns (`isOutdated`).
 */
export class Statements implements Submittable {
  readonly statements: readonly Statement[]
  /** Called by the driver's client once, with what went wrong or the answer to each statement. */
  readonly callback: (error: Error | null, answers?: Answer[]) => void
  readonly #answers: Answer[] = []
  /** How the statement that is being answered is read, and its rows so far. */
  #shape: Shape | undefined = undefined
  #rows: Record<string, unknown>[] = []
  #wire: Wire | null = null
  #failure: Error | null = null

  constructor(statements: readonly Statement[], callback: (error: Error | null, answers?: Answer[]) => void) {
    this.statements = statements
    this.callback = callback
  }

  submit(connection: Connection): Error | null {
    const wire = connection as Wire
    this.#wire = wire
    forgetOutdated(wire)
    const parts: Buffer[] = []
    const parsed = new Set<string>()
    for (const { name, text, values } of this.statements) {
      const known = wire.parsedStatements[name] === text && name !== ''
      if (!known && !parsed.has(name)) {
        // One that failed when it was prepared may stand or not: closing what is not there is no error.
        if (name !== '') {
          parts.push(serialize.close({ type: 'S', name }))
          parsed.add(name)
        }
        parts.push(serialize.parse({ name, text }))
      }
      parts.push(serialize.bind({ statement: name, values: values as (string | Buffer | null)[] }))
      if (!known) parts.push(serialize.describe({ type: 'P' }))
      parts.push(serialize.execute())
    }
    parts.push(serialize.sync())
    // The messages as one write: what a stream does for each costs more than to copy it.
    if (wire.stream.writable) wire.stream.write(Buffer.concat(parts))
    this.#expect()
    return null
  }

  /** Makes ready for the answer to the next statement. */
  #expect(): void {
    const next = this.statements[this.#answers.length]
    this.#rows = []
    this.#shape =
      next && this.#wire!.parsedStatements[next.name] === next.text
        ? shapes.get(this.#wire!)?.get(next.name)
        : undefined
  }

  handleRowDescription({ fields }: { fields: QueryResult['fields'] }): void {
    this.#shape = shapeOf(fields)
  }

  handleDataRow(row: DataRow): void {
    if (!this.#shape || this.#failure) return
    try {
      const { cache } = this.statements[this.#answers.length]!
      this.#rows.push((cache ? cache.of(row, this.#shape) : row.read(this.#shape)) as Record<string, unknown>)
    } catch (error) {
      // Told when the server is ready again: the connection goes on in step.
      this.#failure = error as Error
    }
  }

  handleCommandComplete({ text }: { text: string }): void {
    const words = text.split(' ')
    this.#answered(words[0]!, words.length > 1 ? Number(words.at(-1)) : null)
  }

  /** An empty statement has no rows. */
  handleEmptyQuery(): void {
    this.#answered('', null)
  }

  #answered(command: string, rowCount: number | null): void {
    const { name, text, expects } = this.statements[this.#answers.length]!
    const wire = this.#wire!
    const shape = this.#shape ?? noColumns
    if (name !== '') {
      wire.parsedStatements[name] = text
      const ofConnection = shapes.get(wire) ?? new Map<string, Shape>()
      shapes.set(wire, ofConnection.set(name, shape))
    }
    this.#failure ??= expects?.(this.#rows) ?? null
    this.#answers.push({ command, rowCount, rows: this.#rows, fields: shape.fields })
    this.#expect()
  }

  handleReadyForQuery(): void {
    if (this.#failure) this.callback(this.#failure)
    else this.callback(null, this.#answers)
  }

  handleError(error: Error, connection?: Connection): void {
    if (isOutdated(error) && connection && preparedAt.get(connection as Wire) === changes) changes++
    const { refusal } = this.statements[this.#answers.length] ?? {}
    this.callback(this.#failure ?? ((refusal?.(error) ?? error) as Error))
  }

  handlePortalSuspended(): void {}
}

export type Answer = Pick<QueryResult<Record<string, unknown>>, 'command' | 'rowCount' | 'rows' | 'fields'>

/** A value as the server reads it: Temporal's in ISO 8601, lists as arrays, other objects as JSON. */
export function encode(value: unknown): string | Buffer | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return value.toString()
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  if (Array.isArray(value)) return `{${value.map(element).join(',')}}`
  return isMoment(value) ? value.toString() : JSON.stringify(value)
}

function element(value: unknown): string {
  if (Array.isArray(value)) return `{${value.map(element).join(',')}}`
  const text = encode(value)
  if (text === null) return 'NULL'
  if (typeof value === 'number' || typeof value === 'boolean') return text as string
  const plain = typeof text === 'string' ? text : `\\x${text.toString('hex')}`
  return `"${plain.replaceAll(/["\\]/g, '\\$&')}"`
}

type Moment = Temporal.Instant | Temporal.PlainDate | Temporal.PlainTime | Temporal.PlainDateTime

const isMoment = (value: unknown): value is Moment =>
  value instanceof Temporal.Instant ||
  value instanceof Temporal.PlainDate ||
  value instanceof Temporal.PlainTime ||
  value instanceof Temporal.PlainDateTime
