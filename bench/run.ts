/**
 * `node bench/run.ts [--full] [word...]`: runs the rows whose name (or whose bench's name) contains one of the words, all
 * without one; with `--full` also those on much data. Every `bench/<area>/*.bench.ts` default-exports a `Bench`.
 *
 * How it measures: CPU time of the whole process (its collector and compiler threads included), because the machines
 * this runs on are shared; subjects take turns within a round, so that a noisy second hurts all of them; a figure is
 * the median of the rounds and a ratio the median of the rounds' ratios. `BENCH_ROUNDS` and `BENCH_ROUND_MS` make it
 * longer. The exit code is 1 when a limit is broken or subjects that must agree do not.
 */
import { globSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

export interface Bench {
  readonly name: string
  readonly rows: readonly Row[]
  /** Ends what its rows began: processes, connections. */
  readonly end?: () => Promise<void>
}

export interface Row {
  readonly name: string
  /** The subject that the others are compared with: the bound, or the peer; of several, their sum. */
  readonly base: string | readonly string[]
  /** Runs a subject so often in each round, where it cannot be run as often as one likes. */
  readonly repeats?: number
  /** Only with `--full`: it takes minutes to prepare. */
  readonly full?: boolean
  /** Makes the inputs (seeded) and the subjects; called once, only when the row is asked for. */
  readonly prepare: () => Subjects | Promise<Subjects>
  /** The goal of a subject: its CPU time divided by that of the base must be at most this. */
  readonly limits?: Readonly<Record<string, number>>
  /** Turns an answer into what must be equal for all subjects. Without it nothing is compared. */
  readonly answer?: (result: unknown) => unknown
}

export type Subjects = Readonly<Record<string, Subject>>
/** What is measured: work of this process, or work of others with the CPU time that all of them have used so far, in milliseconds. */
export type Subject = (() => unknown) | Remote
export interface Remote {
  /** So many runs are under way at once; 1 without it. */
  readonly parallel?: number
  /** So many runs may be spent on making it warm; any number without it. */
  readonly spare?: number
  readonly run: () => Promise<unknown>
  readonly cpu: () => Promise<number>
}

/** A server is warm after so many requests, or after so long where each is dear. */
const warmingRequests = 10_000
const warmingMs = 15_000

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

/** What ends the benches that were begun; several may share one. */
const ends = new Set<() => Promise<void>>()

try {
  await main()
} finally {
  for (const end of ends) await end()
}

async function main(): Promise<void> {
  // oxlint-disable-next-line node/no-process-env -- bench settings are not settings of the product
  const { BENCH_ROUNDS = '7', BENCH_ROUND_MS = '60' } = process.env
  const full = process.argv.includes('--full')
  const words = process.argv.slice(2).filter((word) => !word.startsWith('--'))
  const files = globSync('*/*.bench.ts', { cwd: import.meta.dirname }).toSorted()
  if (files.length === 0) throw new Error('There is nothing to measure')
  console.log(
    `node ${process.version}, tz ${process.versions['tz']}, ${BENCH_ROUNDS} rounds of ${BENCH_ROUND_MS} ms each`,
  )
  for (const file of files) {
    const { default: bench }: { default: Bench } = await import(join(import.meta.dirname, file))
    if (!Array.isArray(bench?.rows)) throw new Error(`${basename(file)} exports no bench`)
    if (bench.end) ends.add(bench.end)
    for (const row of bench.rows) {
      const title = `${bench.name}: ${row.name}`
      if (words.length > 0 && !words.some((word) => title.includes(word))) continue
      if (row.full && !full) continue
      await measure(title, row, Number(BENCH_ROUNDS), Number(BENCH_ROUND_MS))
    }
  }
}

async function measure(title: string, row: Row, rounds: number, roundMs: number): Promise<void> {
  const subjects = Object.entries(await row.prepare())
  console.log(`\n${title}`)
  if (!agree(row, subjects)) process.exitCode = 1
  const repeats: number[] = []
  // A server answers for weeks: what its compiler does in the first thousands of requests is not of a request.
  for (const [, subject] of subjects)
    if (typeof subject !== 'function')
      await runAll(subject, Math.min(warmingRequests, subject.spare ?? Infinity), performance.now() + warmingMs)
  for (const [, subject] of subjects) repeats.push(row.repeats ?? (await repeatsFor(subject, roundMs)))
  const times = subjects.map((): number[] => [])
  for (let round = 0; round < rounds; round++)
    for (const [i, [, subject]] of subjects.entries()) times[i]!.push(await cpuOf(subject, repeats[i]!))
  const bases = [row.base].flat().map((base) => subjects.findIndex(([name]) => name === base))
  if (bases.includes(-1)) throw new Error(`${title}: there is no subject ${row.base.toString()}`)
  const base = times[0]!.map((_, round) => bases.reduce((sum, i) => sum + times[i]![round]!, 0))
  const width = Math.max(...subjects.map(([name]) => name.length))
  for (const [i, [name]] of subjects.entries()) {
    const ratio = median(times[i]!.map((time, round) => time / base[round]!))
    const limit = row.limits?.[name]
    const broken = limit !== undefined && ratio > limit
    if (broken) process.exitCode = 1
    const goal = limit === undefined ? '' : `  goal ${limit}x ${broken ? 'MISSED' : 'met'}`
    console.log(
      `  ${name.padEnd(width)} ${inUnits(median(times[i]!)).padStart(11)} ${ratio.toFixed(2).padStart(9)}x${goal}`,
    )
  }
}

/** Do the subjects of this process answer the same? */
function agree(row: Row, subjects: [string, Subject][]): boolean {
  const { answer } = row
  if (!answer) return true
  const [first, ...others] = subjects.flatMap(([name, run]) =>
    typeof run === 'function' ? [{ name, text: JSON.stringify(answer(run())) }] : [],
  )
  const wrong = others.filter(({ text }) => text !== first!.text)
  for (const { name } of wrong) console.log(`  ${name} answers otherwise than ${first!.name}`)
  return wrong.length === 0
}

/** Runs it so often, as many at once as it may, and begins none after `until`. */
async function runAll({ parallel = 1, run }: Remote, count: number, until = Infinity): Promise<void> {
  let left = count
  const lane = async (): Promise<void> => {
    while (left-- > 0 && performance.now() < until) await run()
  }
  await Promise.all(Array.from({ length: parallel }, lane))
}

/** How often a subject must run to fill a round; running it here also lets the compiler see it. */
async function repeatsFor(subject: Subject, ownMs: number): Promise<number> {
  // A process of its own must become warm by requests alone.
  const roundMs = typeof subject === 'function' ? ownMs : ownMs * 5
  for (let repeats = 1; ; repeats *= 2) {
    const spent = (await cpuOf(subject, repeats)) * repeats
    if (spent >= roundMs / 2 || repeats > 1e6)
      return Math.max(1, Math.round((repeats * roundMs) / Math.max(spent, 0.001)))
  }
}

/** CPU milliseconds of one run, over so many. */
async function cpuOf(subject: Subject, repeats: number): Promise<number> {
  // What the subject before left behind is not this one's to clear away.
  collect()
  if (typeof subject !== 'function') {
    const before = await subject.cpu()
    await runAll(subject, repeats)
    return ((await subject.cpu()) - before) / repeats
  }
  const before = process.cpuUsage()
  for (let i = 0; i < repeats; i++) subject()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000 / repeats
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!
}

function inUnits(ms: number): string {
  return ms >= 1 ? `${ms.toFixed(2)} ms` : `${(ms * 1000).toFixed(2)} µs`
}
