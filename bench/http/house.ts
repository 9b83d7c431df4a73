import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { Client } from 'pg'
import { createApp, type App } from '../../server/app.ts'
import { signAccessToken } from '../../server/modules/accounts/tokens.ts'
import { createLogger } from '../../server/platform/log.ts'
import type { Remote, Subjects } from '../run.ts'
import { cpuOfProcess, parallel, Replay } from './replay.ts'
import type { Statement, Told } from './server.ts'
import { benchConfig, benchNow } from './settings.ts'
import { closeTowns, openTown, type Town, type TownSize } from './town.ts'

export type Ask = { method?: 'GET' | 'POST' | 'PUT'; path: string; body?: object; signedIn?: boolean }

/** What was asked and came back, with the statements that it took. */
export type Recorded = { statements: Statement[]; answer: string }

const agent = new Agent({ keepAlive: true, maxSockets: parallel })

/** One request on a connection that stays. @throws Error for any answer that is a refusal. */
function send(port: number, { method = 'GET', path, body }: Ask, token?: string): Promise<string> {
  const payload = body === undefined ? undefined : JSON.stringify(body)
  const headers = {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(payload === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
  }
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, method, path, agent, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const answer = Buffer.concat(chunks).toString()
        if ((response.statusCode ?? 500) < 400) resolve(answer)
        else reject(new Error(`${method} ${path} answers ${response.statusCode}: ${answer}`))
      })
    })
    asked.on('error', reject).end(payload)
  })
}

/** A child process that answers one question at a time. */
class Child {
  readonly #process: ChildProcess
  readonly port: number

  private constructor(child: ChildProcess, port: number) {
    this.#process = child
    this.port = port
  }

  static async start(file: string, ...args: string[]): Promise<Child> {
    const child = fork(join(import.meta.dirname, file), args)
    const [told] = (await once(child, 'message')) as [Extract<Told, { port: number }>]
    return new Child(child, told.port)
  }

  async ask<T extends Told>(question: object): Promise<T> {
    this.#process.send(question)
    const [told] = (await once(this.#process, 'message')) as [T]
    return told
  }

  async cpu(): Promise<number> {
    return (await this.ask<{ cpu: number }>({ ask: 'cpu' })).cpu
  }

  end(): void {
    this.#process.disconnect()
  }
}

/** The product on one town, with what it is measured against. */
export type House = {
  town: Town
  /** The same product in this process, to ask its parts; it listens nowhere. */
  app: App
  record: (asks: readonly Ask[]) => Promise<Recorded[]>
  /** Requests in turns; of writes, on one lane, each once. */
  product: (asks: readonly Ask[], lanes?: number) => Remote
  /** Of writes, which can be sent once and in their order, with `once`. */
  statements: (requests: readonly (readonly Statement[])[], once?: boolean) => Promise<Remote>
  /** A bare `node:http` server that answers these texts in turns. */
  bare: (answers: readonly string[], lanes?: number) => Promise<Remote>
}

const houses = new Map<TownSize, Promise<House>>()
const endings: (() => unknown)[] = []

export function openHouse(size: TownSize): Promise<House> {
  let house = houses.get(size)
  if (!house) {
    house = open(size)
    houses.set(size, house)
  }
  return house
}

/** Ends every process and connection of all benches; called again it does nothing. */
export async function closeHouses(): Promise<void> {
  for (const end of endings.splice(0).toReversed()) await end()
  agent.destroy()
  houses.clear()
  await closeTowns()
}

async function open(size: TownSize): Promise<House> {
  const town = await openTown(size)
  const server = await Child.start('server.ts', town.url, town.dataDir)
  const replay = await Replay.open(town.replayUrl)
  const watch = new Client({ connectionString: town.url, application_name: 'bench watch' })
  await watch.connect()
  const app = await createApp({
    config: benchConfig(town.dataDir),
    databaseUrl: town.url,
    log: createLogger('silent', false),
    clock: () => benchNow,
  })
  endings.push(
    () => server.end(),
    () => replay.end(),
    () => watch.end(),
    () => app.stop(),
  )
  const token = signAccessToken(app.house, town.customer.id, town.customer.sessionId, benchNow)
  const ask = (one: Ask): Promise<string> => send(server.port, one, one.signedIn ? token : undefined)

  const cpu = async (): Promise<number> => {
    const { rows } = await watch.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'banister' AND pid <> ALL ($1)`,
      [[]],
    )
    return rows.reduce((sum, { pid }) => sum + cpuOfProcess(pid), await server.cpu())
  }

  const record = async (asks: readonly Ask[]): Promise<Recorded[]> => {
    const found: Recorded[] = []
    for (const one of asks) {
      await server.ask({ ask: 'record' })
      const answer = await ask(one)
      const { statements } = await server.ask<{ statements: Statement[] }>({ ask: 'recorded' })
      found.push({ statements, answer })
    }
    return found
  }

  return {
    town,
    app,
    record,
    product: (asks, lanes = parallel) => {
      let next = 0
      const spare = lanes === 1 ? Math.floor(asks.length / 2) : Infinity
      return { parallel: lanes, spare, run: () => ask(asks[next++ % asks.length]!), cpu }
    },
    statements: (requests, inOrder) => replay.subject(requests, inOrder),
    bare: async (answers, lanes = parallel) => {
      const child = await Child.start('bare.ts')
      endings.push(() => child.end())
      await child.ask({ answers })
      return { parallel: lanes, run: () => send(child.port, { path: '/' }), cpu: () => child.cpu() }
    },
  }
}

/** The three of every row: the product, its statements alone, and a bare answer of the same bytes. */
export async function threeOf(
  house: House,
  asks: readonly Ask[],
): Promise<{ subjects: Subjects & Record<'Banister' | 'statements' | 'bare answer', Remote>; recorded: Recorded[] }> {
  // Counts, leases and plans are there from the second time on.
  await house.record(asks)
  const recorded = await house.record(asks)
  const subjects = {
    Banister: house.product(asks),
    statements: await house.statements(recorded.map(({ statements }) => statements)),
    'bare answer': await house.bare(recorded.map(({ answer }) => answer)),
  }
  return { subjects, recorded }
}

/** The product, its statements and a bare answer, for requests that can be made only once: those that are recorded are sent again, others are measured. */
export async function threeOfWrites(
  house: House,
  recordedAsks: readonly Ask[],
  measured: readonly Ask[],
): Promise<Subjects & Record<'statements', Remote>> {
  const recorded = await house.record(recordedAsks)
  return {
    Banister: house.product(measured, 1),
    statements: await house.statements(
      recorded.map(({ statements }) => statements),
      true,
    ),
    'bare answer': await house.bare(
      recorded.map(({ answer }) => answer),
      1,
    ),
  }
}
