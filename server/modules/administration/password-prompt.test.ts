import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import test from 'node:test'
import { readPassword, type PasswordInput } from './password-prompt.ts'

/** A terminal: what it echoes and prompts is kept, and whether it was left as it was found. */
function terminal() {
  const raw: boolean[] = []
  const input: PasswordInput = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (on: boolean) => raw.push(on),
  })
  const screen = new PassThrough()
  let shown = ''
  screen.on('data', (text: Buffer) => (shown += text.toString()))
  const type = (...keys: string[]): void => keys.forEach((key) => (input as PassThrough).write(key))
  return { input, screen, type, raw, shown: () => shown }
}

test('A password is asked for twice, shown nowhere, and the terminal is left as it was', async () => {
  const { input, screen, type, raw, shown } = terminal()
  const password = readPassword(input, screen)

  type('s', 'e', 'c', 'rét', '\r')
  await new Promise((resolve) => setImmediate(resolve))
  type('secrét\r')

  assert.equal(await password, 'secrét')
  assert.equal(shown(), 'Password: \nPassword again: \n')
  assert.deepEqual(raw, [true, false])
})

test('Both lines may be pasted at once', async () => {
  const { input, screen, type } = terminal()
  const password = readPassword(input, screen)

  type('secret\rsecret\r')

  assert.equal(await password, 'secret')
})

test('Backspace, clearing the line and arrows do what they do elsewhere', async () => {
  const { input, screen, type } = terminal()
  const password = readPassword(input, screen)

  type('wrong', '\u0015', 'sez', '\u007f', '\u001b[D', 'cret', '\n', 'secret\n')

  assert.equal(await password, 'secret')
})

test('Two different passwords are refused, and Ctrl-C breaks off', async () => {
  const [differing, broken] = [terminal(), terminal()]
  const refused = assert.rejects(readPassword(differing.input, differing.screen), { code: 'VALIDATION_ERROR' })
  const ended = assert.rejects(readPassword(broken.input, broken.screen), { message: 'Broken off' })

  differing.type('secret1\rsecret2\r')
  broken.type('sec\u0003')

  await Promise.all([refused, ended])
  assert.deepEqual(
    [differing.raw, broken.raw],
    [
      [true, false],
      [true, false],
    ],
  )
})

test('Without a terminal the first line counts, however it arrives, and its end is not waited for', async () => {
  const pipe = new PassThrough()
  const password = readPassword(pipe, new PassThrough())

  pipe.write(Buffer.from('secr'))
  pipe.write(Buffer.from('ét\r\nmore'))

  assert.equal(await password, 'secrét')
})
