import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startOf } from './processes.ts'

let counter = 0

/** Enters this process into the register `directory` of those who use the server; answers how to leave it. Call under the lock. */
export function register(directory: string): () => void {
  mkdirSync(directory, { recursive: true })
  const file = join(directory, `${process.pid}-${startOf(process.pid)}-${counter++}`)
  writeFileSync(file, '')
  return () => rmSync(file, { force: true })
}

/** Whether any living process is in the register; entries of dead ones (kill -9 leaves them) are removed. Call under the lock. */
export function isUsed(directory: string): boolean {
  let used = false
  for (const name of readdirSync(directory)) {
    const [pid, start] = name.split('-')
    if (startOf(Number(pid)) === start) used = true
    else rmSync(join(directory, name), { force: true })
  }
  return used
}
