import { readFileSync } from 'node:fs'
import { Client } from 'pg'
import type { Remote } from '../run.ts'
import type { Statement } from './server.ts'

/** CPU milliseconds that a process with one thread, such as a backend of PostgreSQL, has used: Linux counts them in nanoseconds. */
export const cpuOfProcess = (pid: number): number =>
  Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6

const text = (value: string): Buffer => Buffer.from(`${value}\0`)

const message = (kind: string, ...parts: Buffer[]): Buffer => {
  const body = Buffer.concat(parts)
  const head = Buffer.alloc(5)
  head.write(kind)
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

/** A value as the driver writes it: arrays and JSON as the texts that PostgreSQL reads. */
function written(value: unknown): string | null {
  if (value === null || value === undefined) return null
  if (Array.isArray(value)) return `{${value.map(element).join(',')}}`
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function element(value: unknown): string {
  if (value === null) return 'NULL'
  const plain = typeof value === 'string' ? value : JSON.stringify(value)
  return `"${plain.replaceAll(/["\\]/g, '\\$&')}"`
}

const int = (value: number, bytes: 2 | 4): Buffer => {
  const buffer = Buffer.alloc(bytes)
  buffer.writeIntBE(value, 0, bytes)
  return buffer
}

/** Bind, execute, sync, as bytes: nothing is left to be done when they are sent. */
function encode(name: string, values: readonly unknown[]): Buffer {
  const bound = values.map((value) => {
    const one = written(value)
    return one === null ? int(-1, 4) : Buffer.concat([int(Buffer.byteLength(one), 4), Buffer.from(one)])
  })
  return Buffer.concat([
    message('B', text(''), text(name), int(0, 2), int(values.length, 2), ...bound, int(0, 2)),
    message('E', text(''), int(0, 4)),
    message('S'),
  ])
}

/** So many requests are under way at once where their order does not matter. */
export const parallel = 8

/**
 * Sends recorded statements again, prepared and with their values as bytes made beforehand, and looks at nothing of the answers but their end: what the SQL of
 * requests costs in database and wire, and hardly anything else. It does what pgbench does, for any values and within transactions.
 */
export class Replay {
  readonly #lanes: readonly Lane[]

  private constructor(lanes: readonly Lane[]) {
    this.#lanes = lanes
  }

  static async open(url: string): Promise<Replay> {
    const lanes: Lane[] = []
    for (let i = 0; i < parallel; i++) lanes.push(await Lane.open(url))
    return new Replay(lanes)
  }

  /** The requests' statements as a subject: each run sends those of the next request. Those of writes follow one another as they were recorded. */
  async subject(requests: readonly (readonly Statement[])[], once = false): Promise<Remote> {
    const lanes = once ? this.#lanes.slice(0, 1) : this.#lanes
    const encoded: Buffer[][][] = []
    for (const lane of lanes) {
      const ofLane: Buffer[][] = []
      for (const statements of requests) {
        const bytes: Buffer[] = []
        for (const statement of statements) bytes.push(await lane.prepare(statement))
        ofLane.push(bytes)
      }
      encoded.push(ofLane)
    }
    const free = [...lanes.keys()]
    let next = 0
    return {
      parallel: lanes.length,
      spare: once ? Math.floor(requests.length / 16) : Infinity,
      run: async () => {
        const lane = free.pop()!
        if (once && next === requests.length) throw new Error('every recorded write was made once')
        for (const bytes of encoded[lane]![next++ % requests.length]!) await lanes[lane]!.send(bytes)
        free.push(lane)
      },
      cpu: async () => {
        const { user, system } = process.cpuUsage()
        return (user + system) / 1000 + lanes.reduce((sum, { pid }) => sum + cpuOfProcess(pid), 0)
      },
    }
  }

  end(): void {
    for (const lane of this.#lanes) lane.end()
  }
}

/** One connection, on which one statement is under way at a time. */
class Lane {
  readonly pid: number
  readonly #client: Client
  readonly #names = new Map<string, string>()
  readonly #rest: Buffer[] = []
  #ended: (() => void) | null = null
  #failed: ((error: Error) => void) | null = null

  private constructor(client: Client, pid: number) {
    this.#client = client
    this.pid = pid
  }

  static async open(url: string): Promise<Lane> {
    const client = new Client({ connectionString: url, application_name: 'bench replay' })
    // It ends by being cut off, since the driver no longer hears what the server says.
    client.on('error', () => undefined)
    await client.connect()
    await client.query("SET TimeZone = 'UTC'")
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
    const lane = new Lane(client, rows[0]!.pid)
    const { stream } = client.connection
    stream.removeAllListeners('data')
    stream.on('data', (chunk: Buffer) => lane.#read(chunk))
    return lane
  }

  /** The bytes of a statement, whose text is prepared when it is new. */
  async prepare(statement: Statement): Promise<Buffer> {
    if (statement.values.length === 0) return message('Q', text(statement.text))
    let name = this.#names.get(statement.text)
    if (name === undefined) {
      name = `r${this.#names.size}`
      this.#names.set(statement.text, name)
      await this.send(Buffer.concat([message('P', text(name), text(statement.text), int(0, 2)), message('S')]))
    }
    return encode(name, statement.values)
  }

  send(bytes: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#ended = resolve
      this.#failed = reject
      this.#client.connection.stream.write(bytes)
    })
  }

  end(): void {
    this.#client.connection.stream.destroy()
  }

  #read(chunk: Buffer): void {
    // Messages may be cut anywhere; what is whole is looked at by its first byte.
    let rest = this.#rest.length === 0 ? chunk : Buffer.concat([...this.#rest.splice(0), chunk])
    while (rest.length >= 5) {
      const length = rest.readInt32BE(1) + 1
      if (rest.length < length) break
      if (rest[0] === 0x45) this.#failed?.(new Error(`the replay failed: ${rest.toString('utf8', 5, length)}`))
      if (rest[0] === 0x5a) this.#ended?.()
      rest = rest.subarray(length)
    }
    if (rest.length > 0) this.#rest.push(rest)
  }
}
