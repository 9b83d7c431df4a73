/**
 * `node bench/run.ts [word...]`: runs the rows whose name (or whose bench's name) contains one of the words, all
 * without one. Every `bench/<area>/*.bench.ts` default-exports a `Bench`.
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
}

export interface Row {
  readonly name: string
  /** The subject that the others are compared with: the bound, or the peer. */
  readonly base: string
  /** Makes the inputs (seeded) and the subjects; called once, only when the row is asked for. */
  readonly prepare: () => Subjects | Promise<Subjects>
  /** The goal of a subject: its CPU time divided by that of the base must be at most this. */
  readonly limits?: Readonly<Record<string, number>>
  /** Turns an answer into what must be equal for all subjects. Without it nothing is compared. */
  readonly answer?: (result: unknown) => unknown
}

export type Subjects = Readonly<Record<string, () => unknown>>

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

await main()

async function main(): Promise<void> {
  // oxlint-disable-next-line node/no-process-env -- bench settings are not settings of the product
  const { BENCH_ROUNDS = '7', BENCH_ROUND_MS = '60' } = process.env
  const words = process.argv.slice(2)
  const files = globSync('*/*.bench.ts', { cwd: import.meta.dirname }).toSorted()
  if (files.length === 0) throw new Error('There is nothing to measure')
  console.log(
    `node ${process.version}, tz ${process.versions['tz']}, ${BENCH_ROUNDS} rounds of ${BENCH_ROUND_MS} ms each`,
  )
  for (const file of files) {
    const { default: bench }: { default: Bench } = await import(join(import.meta.dirname, file))
    if (!Array.isArray(bench?.rows)) throw new Error(`${basename(file)} exports no bench`)
    for (const row of bench.rows) {
      const title = `${bench.name}: ${row.name}`
      if (words.length > 0 && !words.some((word) => title.includes(word))) continue
      await measure(title, row, Number(BENCH_ROUNDS), Number(BENCH_ROUND_MS))
    }
  }
}

async function measure(title: string, row: Row, rounds: number, roundMs: number): Promise<void> {
  const subjects = Object.entries(await row.prepare())
  console.log(`\n${title}`)
  if (!agree(row, subjects)) process.exitCode = 1
  const repeats = subjects.map(([, run]) => repeatsFor(run, roundMs))
  const times = subjects.map((): number[] => [])
  for (let round = 0; round < rounds; round++)
    for (const [i, [, run]] of subjects.entries()) times[i]!.push(cpuOf(run, repeats[i]!))
  const base = times[subjects.findIndex(([name]) => name === row.base)]
  if (!base) throw new Error(`${title}: there is no subject ${row.base}`)
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

function agree(row: Row, subjects: [string, () => unknown][]): boolean {
  const { answer } = row
  if (!answer) return true
  const [first, ...others] = subjects.map(([name, run]) => ({ name, text: JSON.stringify(answer(run())) }))
  const wrong = others.filter(({ text }) => text !== first!.text)
  for (const { name } of wrong) console.log(`  ${name} answers otherwise than ${first!.name}`)
  return wrong.length === 0
}

/** How often a subject must run to fill a round; running it here also lets the compiler see it. */
function repeatsFor(run: () => unknown, roundMs: number): number {
  for (let repeats = 1; ; repeats *= 2) {
    const spent = cpuOf(run, repeats) * repeats
    if (spent >= roundMs / 2 || repeats > 1e6)
      return Math.max(1, Math.round((repeats * roundMs) / Math.max(spent, 0.001)))
  }
}

/** CPU milliseconds of one run, over so many. */
function cpuOf(run: () => unknown, repeats: number): number {
  // What the subject before left behind is not this one's to clear away.
  collect()
  const before = process.cpuUsage()
  for (let i = 0; i < repeats; i++) run()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000 / repeats
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!
}

function inUnits(ms: number): string {
  return ms >= 1 ? `${ms.toFixed(2)} ms` : `${(ms * 1000).toFixed(2)} µs`
}
