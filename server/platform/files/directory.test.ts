import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { createDirectoryStore } from './directory.ts'
import { fileStoreSuite } from './store.suite.ts'

const noon = Temporal.Instant.from('2026-03-02T12:00:00Z')
const roots: string[] = []
after(() => Promise.all(roots.map((root) => rm(root, { recursive: true, force: true }))))

async function newRoot(): Promise<string> {
  const root = await mkdtemp(path.join(tmpdir(), 'banister files '))
  roots.push(root)
  return root
}

fileStoreSuite('directory', async () => createDirectoryStore(await newRoot()))

async function prepared(root: string, now: Temporal.Instant) {
  const store = createDirectoryStore(root)
  await store.prepare(now)
  return store
}

test('a process killed in the middle of a write leaves no half file, and its leftovers are swept at a later start', async () => {
  const root = await newRoot()
  const script = `
    import { createDirectoryStore } from ${JSON.stringify(import.meta.resolve('./directory.ts'))}
    const store = createDirectoryStore(process.argv[1])
    await store.put('photos', 'users/1/face.jpg', Buffer.from('whole'), { contentType: 'image/jpeg' })
    async function* endless() {
      for (let sent = 0; ; sent++) {
        yield Buffer.alloc(65_536, 7)
        if (sent === 20) process.stdout.write('writing')
      }
    }
    await Promise.all(['users/1/face.jpg', 'users/2/face.jpg'].map((key) => store.put('photos', key, endless(), { contentType: 'image/jpeg' })))`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script, root], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise((written, failed) => {
    child.stdout.once('data', written)
    child.once('exit', failed)
  })

  child.kill('SIGKILL')
  await new Promise((ended) => child.once('exit', ended))

  const started = Temporal.Now.instant()
  const atOnce = await prepared(root, started)
  assert.deepEqual(await Array.fromAsync(atOnce.list('photos')), [{ key: 'users/1/face.jpg', size: 5 }])
  assert.equal((await readdir(path.join(root, 'photos/.incoming'))).length, 2)

  const later = await prepared(root, started.add({ minutes: 11 }))
  assert.deepEqual(await Array.fromAsync(later.list('photos')), [{ key: 'users/1/face.jpg', size: 5 }])
  assert.deepEqual(await readdir(path.join(root, 'photos/.incoming')), [])
})

test('a write that fails leaves nothing on the disk', async () => {
  const root = await newRoot()
  const store = await prepared(root, noon)

  await assert.rejects(store.put('chat', 'a.bin', Buffer.alloc(20), { contentType: 'text/plain', maxBytes: 10 }))

  assert.deepEqual(await readdir(path.join(root, 'chat/.incoming')), [])
})

test('the sweep leaves alone what another process is still writing', async () => {
  const root = await newRoot()
  await prepared(root, noon)
  const incoming = path.join(root, 'chat/.incoming')
  const written = async (name: string, at: Temporal.Instant) => {
    await writeFile(path.join(incoming, name), 'x')
    await utimes(path.join(incoming, name), at.epochMilliseconds / 1000, at.epochMilliseconds / 1000)
  }
  await written('living', noon.subtract({ minutes: 9 }))
  await written('dead', noon.subtract({ minutes: 11 }))

  await prepared(root, noon)

  assert.deepEqual(await readdir(incoming), ['living'])
})

test('a store whose directory is gone says so when checked', async () => {
  const root = await newRoot()
  const store = await prepared(root, noon)

  await rm(root, { recursive: true })

  await assert.rejects(store.check(), { code: 'ENOENT' })
})
