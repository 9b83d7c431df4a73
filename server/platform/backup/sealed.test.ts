import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { compressed, decompressed, frameOf, frameReader } from './frames.ts'
import { backupKeyOf } from './keys.ts'
import { seal, unseal } from './sealed.ts'

const key = backupKeyOf('a secret of thirty-two characters')
const other = backupKeyOf('another secret of thirty-two signs')
const header = {
  kind: 'database' as const,
  name: 'database-20260112t120000z-00000000-0000',
  made_at: '2026-01-12T12:00:00Z',
}
const chunk = 256 * 1024

async function* pieces(bytes: Buffer, length = 70_001) {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}
const whole = async (source: AsyncIterable<Buffer>): Promise<Buffer> => Buffer.concat(await Array.fromAsync(source))
const sealed = (bytes: Buffer): Promise<Buffer> => whole(seal(pieces(bytes), key, header))
const opened = async (bytes: Buffer, keys = [key]): Promise<Buffer> => whole((await unseal(pieces(bytes), keys)).body)
const refusal = (pattern: RegExp) => (error: unknown) => {
  assert.ok(error instanceof Error && 'params' in error)
  return pattern.test(error.message.replace('{why}', String((error.params as { why?: string } | undefined)?.why)))
}

for (const size of [0, 1, chunk - 1, chunk, chunk + 1, 3 * chunk, 3 * chunk + 17])
  test(`${size} bytes come back as they were, and nothing of them is to be seen`, async () => {
    const bytes = randomBytes(size)

    const file = await sealed(bytes)

    assert.ok((await opened(file)).equals(bytes))
    assert.ok(size < 16 || !file.includes(bytes.subarray(0, 16)))
  })

test('The header says what it is, and two seals of the same bytes have nothing in common behind it', async () => {
  const bytes = randomBytes(1000)

  const [first, second] = [await sealed(bytes), await sealed(bytes)]

  const { header: read, body } = await unseal(pieces(first), [key])
  await body.return()
  assert.deepEqual([read.kind, read.name, read.made_at], [header.kind, header.name, header.made_at])
  assert.ok(!second.includes(first.subarray(-64, -32)))
})

test('Another key is refused with the way out, and one of several opens', async () => {
  const file = await sealed(Buffer.from('hello'))

  await assert.rejects(opened(file, [other]), /another key.*BACKUP_KEY, or SECRET_KEY/)
  assert.equal((await opened(file, [other, key])).toString(), 'hello')
})

test('A byte that was changed anywhere is found', async () => {
  const file = await sealed(randomBytes(chunk + 500))

  for (let at = 0; at < file.length; at += 7919) {
    const bad = Buffer.from(file)
    bad[at]! ^= 1
    await assert.rejects(opened(bad), `byte ${at}`)
  }
})

test('What is cut off, wherever, is found', async () => {
  const file = await sealed(randomBytes(2 * chunk))
  const second = file.length - (chunk + 20)

  for (const length of [0, 5, 100, 300, second, second + 3, second + 100, file.length - 1])
    await assert.rejects(opened(file.subarray(0, length)), `${length} of ${file.length} bytes`)
  await assert.rejects(opened(file.subarray(0, second)), refusal(/damaged: its end is missing/))
})

test('Chunks that were left out, moved, or put behind the end are found', async () => {
  const bytes = randomBytes(3 * chunk)
  const file = await sealed(bytes)
  const size = chunk + 20
  const head = file.subarray(0, file.length - 3 * size)
  const [first, second, third] = [0, 1, 2].map((i) =>
    file.subarray(head.length + i * size, head.length + (i + 1) * size),
  )

  for (const parts of [
    [second, third],
    [second, first, third],
    [first, third],
    [first, second],
    [first, second, third, third],
    [first, second, third, Buffer.from('x')],
  ])
    await assert.rejects(opened(Buffer.concat([head, ...(parts as Buffer[])])), refusal(/damaged/))
})

test('A file of somebody else is told as such', async () => {
  await assert.rejects(opened(Buffer.from('PGDMP and so on, a dump of another program')), /not a backup of Banister/)
})

async function* frames() {
  yield frameOf({ json: { table: 'users' } })
  for (let i = 0; i < 50; i++) yield frameOf({ data: Buffer.alloc(9000, i) })
  yield frameOf({ json: { end: 'users' } })
}
test('Frames come back in their order through compression, and what fails at one end is told at the other', async () => {
  async function* broken() {
    yield* frames()
    throw new Error('the connection was lost')
  }

  const reader = frameReader(decompressed(pieces(await whole(compressed(frames())), 100)))
  const read = []
  for (let frame = await reader.next(); frame; frame = await reader.next()) read.push(frame)

  assert.deepEqual([read.length, read[0], read.at(-1)], [52, { json: { table: 'users' } }, { json: { end: 'users' } }])
  await assert.rejects(whole(seal(compressed(broken()), key, header)), /the connection was lost/)
})
