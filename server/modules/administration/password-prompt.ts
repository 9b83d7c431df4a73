import type { Readable, Writable } from 'node:stream'
import { AppError, invalid } from '../../platform/errors.ts'

/** Where a password is typed or piped in; a terminal can keep what is typed to itself. */
export type PasswordInput = Readable & { isTTY?: boolean; setRawMode?: (raw: boolean) => unknown }

/**
 * A password from the terminal, asked for twice and shown nowhere, or the first line of the standard input.
 * @throws VALIDATION_ERROR when nothing is given, the two differ, or the asking is broken off
 */
export async function readPassword(input: PasswordInput, prompts: Writable): Promise<string> {
  if (!input.isTTY) {
    const line = await readLine(input)
    if (line === '') throw invalid('password', 'This field is required', 'required')
    return line
  }
  input.setRawMode?.(true)
  try {
    const password = await ask(input, prompts, 'Password: ')
    const repeated = await ask(input, prompts, 'Password again: ', password.rest)
    if (password.line !== repeated.line) throw invalid('password', 'The passwords do not match', 'passwords_differ')
    return password.line
  } finally {
    input.setRawMode?.(false)
    input.pause()
  }
}

/** What comes before the first line break, however it arrives; the rest is not waited for. */
async function readLine(input: Readable): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of input) {
    chunks.push(Buffer.from(chunk as Buffer | string))
    if (chunks.at(-1)!.includes('\n')) break
  }
  return Buffer.concat(chunks).toString().split('\n')[0]!.replace(/\r$/, '')
}

const enter = new Set(['\r', '\n', '\u0004'])
const erase = new Set(['\u007f', '\b'])

/**
 * In raw mode the terminal hands over every key and echoes none, so the few that edit a line are done here. What was pasted after the line break is the `rest`:
 * the beginning of the next answer.
 */
function ask(
  input: PasswordInput,
  prompts: Writable,
  question: string,
  pasted = '',
): Promise<{ line: string; rest: string }> {
  prompts.write(question)
  return new Promise((resolve, reject) => {
    let typed: string[] = []
    const stop = (end: () => void): void => {
      input.off('data', hear)
      input.off('end', breakOff)
      prompts.write('\n')
      end()
    }
    const breakOff = (): void => stop(() => reject(new AppError('VALIDATION_ERROR', 'Broken off')))
    const hear = (data: string): void => {
      // An arrow or a function key: several characters, none of them meant.
      if (data.startsWith('\u001b')) return
      const keys = Array.from(data)
      for (const [index, key] of keys.entries()) {
        if (key === '\u0003') return breakOff()
        if (enter.has(key)) return stop(() => resolve({ line: typed.join(''), rest: keys.slice(index + 1).join('') }))
        if (erase.has(key)) typed.pop()
        else if (key === '\u0015') typed = []
        else if (key >= ' ') typed.push(key)
      }
    }
    input.setEncoding('utf8')
    input.on('data', hear)
    input.on('end', breakOff)
    input.resume()
    hear(pasted)
  })
}
