import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { after, beforeEach, test } from 'node:test'
import { readCredentials } from '../push/credentials.ts'
import { createDrivePlace } from './drive.ts'
import { startDrive, type Trouble } from './fake-drive.fixture.ts'
import type { SealedFile } from './place.ts'

const drive = await startDrive()
const folder = mkdtempSync(path.join(tmpdir(), 'banister-drive-test-'))
after(async () => {
  await drive.stop()
  rmSync(folder, { recursive: true, force: true })
})
const place = createDrivePlace({
  credentials: readCredentials(drive.credentialsFile),
  base: drive.base,
  folder: 'folder-1',
  timeoutMs: 800,
  pauseMs: 1,
})
const fileOf = (bytes: Buffer): SealedFile => {
  const file = path.join(folder, 'spool')
  writeFileSync(file, bytes)
  return { path: file, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
}
const key = 'database/20260112t120000z-86b0ab6d-3f1f.backup'
const long = randomBytes(8 * 1024 * 1024 + 70_000)
const now = Temporal.Instant.from('2026-01-12T12:00:00Z')
const read = async (name: string): Promise<Buffer> => buffer((await place.get(name))!)
const trouble = (...troubles: Trouble[]): void => {
  drive.troubles = troubles
}

beforeEach(() => {
  drive.files.clear()
  drive.uploads.clear()
  drive.seen.length = 0
  drive.problems.length = 0
  trouble()
})

test('A backup is put into the folder in parts, found, read and deleted, by requests as the API describes them', async () => {
  await place.prepare(now)
  await place.put(key, fileOf(long))
  for (let i = 0; i < 4; i++) await place.put(`files/${i}.backup`, fileOf(Buffer.from(String(i))))

  assert.ok((await read(key)).equals(long))
  assert.deepEqual(await Array.fromAsync(place.list('database/')), [{ key, size: long.length }])
  assert.equal((await Array.fromAsync(place.list('files/'))).length, 4)
  assert.equal(await place.get('files/9.backup'), null)
  await place.delete(key)
  await place.delete(key)
  assert.deepEqual(drive.names, ['files/0.backup', 'files/1.backup', 'files/2.backup', 'files/3.backup'])
  assert.deepEqual([drive.problems, drive.signIns], [[], 1])
})

test('What is put there again takes the place of the first', async () => {
  await place.put(key, fileOf(Buffer.from('old')))
  await place.put(key, fileOf(Buffer.from('new')))

  assert.deepEqual([drive.names, (await read(key)).toString()], [[key], 'new'])
})

const passing: [string, Trouble[]][] = [
  ['hangs at the beginning', [{ at: 'POST /upload', nth: 1, hang: true }]],
  ['hangs in the middle', [{ at: 'PUT /session', nth: 2, hang: true }]],
  ['is ill for a while', [1, 2, 3].map((nth) => ({ at: 'PUT /session', nth, status: 503 }))],
  ['has too much to do', [{ at: 'GET /drive', nth: 1, status: 403, reason: 'userRateLimitExceeded' }]],
  ['takes only a part of what was sent', [{ at: 'PUT /session', nth: 1, swallow: true }]],
  ['forgets the upload', [{ at: 'PUT /session', nth: 2, forget: true }]],
  ['withdraws the token', [{ at: 'POST /upload', nth: 1, status: 401 }]],
]
for (const [what, troubles] of passing)
  test(`A Google that ${what} has the whole backup in the end, once`, async () => {
    trouble(...troubles)

    await place.put(key, fileOf(long))

    assert.ok((await read(key)).equals(long))
    assert.deepEqual([drive.names, drive.problems], [[key], []])
  })

const lasting: [string, Trouble[], RegExp][] = [
  [
    'has no room',
    [{ at: 'POST /upload', nth: 1, status: 403, reason: 'storageQuotaExceeded' }],
    /^Error: Google Drive: 403 storageQuotaExceeded No\.$/,
  ],
  [
    'is down',
    Array.from({ length: 9 }, (_, i) => ({ at: 'POST /upload', nth: i + 1, status: 500 })),
    /Google Drive: 500/,
  ],
  [
    'never answers',
    Array.from({ length: 9 }, (_, i) => ({ at: 'GET /drive', nth: i + 1, hang: true })),
    /Google Drive: no answer/,
  ],
]
for (const [what, troubles, sentence] of lasting)
  test(`A Google that ${what} is told in one sentence without secrets, and has nothing`, async () => {
    trouble(...troubles)

    const error = await place.put(key, fileOf(Buffer.from('x'))).catch((reason: unknown) => reason)

    assert.match(String(error), sentence)
    assert.doesNotMatch(String(error), /access-|PRIVATE/)
    assert.deepEqual(drive.names, [])
  })

test('A folder that is not shared with the service account is told before anything is sent', async () => {
  const strange = createDrivePlace({
    credentials: readCredentials(drive.credentialsFile),
    base: drive.base,
    folder: 'folder-2',
    pauseMs: 1,
  })

  await assert.rejects(strange.prepare(now), /Google Drive: 404 notFound/)
})
