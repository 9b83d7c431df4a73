import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { after, test } from 'node:test'
import { loadConfig } from '../config.ts'
import { missingSwift, startSwift } from '../files/swift.fixture.ts'
import { createLogger } from '../log.ts'
import { directoryPlace, openPlaces, type Place } from './place.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'banister-place-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const now = Temporal.Instant.from('2026-01-12T12:00:00Z')
const log = createLogger('silent', false)
const key = 'database/20260112t120000z-86b0ab6d-3f1f.backup'
const placesOf = (settings: Record<string, string>): Promise<Place[]> =>
  openPlaces(loadConfig({ DATA_DIR: folder, ...settings }, folder), log, () => now)

const names = async (settings: Record<string, string>) => (await placesOf(settings)).map(({ name }) => name)

/** What every place promises. */
async function prove(place: Place): Promise<void> {
  const bytes = randomBytes(6 * 1024 * 1024)
  const file = path.join(folder, 'spool')
  writeFileSync(file, bytes)
  const sealed = { path: file, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }

  await place.prepare(now)
  await place.put(key, sealed)
  await place.put(key, sealed)

  assert.ok((await buffer((await place.get(key))!)).equals(bytes))
  assert.deepEqual(await Array.fromAsync(place.list('database/')), [{ key, size: bytes.length }])
  assert.deepEqual(await Array.fromAsync(place.list('files/')), [])
  assert.equal(await place.get('files/other.backup'), null)
  await assert.rejects(place.put('database/other.backup', { ...sealed, sha256: '0'.repeat(64) }), /changed on its way/)
  await place.delete(key)
  await place.delete(key)
  assert.equal(await place.get(key), null)
}

test('A directory is a place, which nobody but the house may look into', async () => {
  const directory = path.join(folder, 'nas', 'backups')

  await prove(directoryPlace(directory))

  assert.ok(readdirSync(directory).includes('database'))
})

test('Without settings backups lie in DATA_DIR, with several in all of them', async () => {
  const s3 = { MINIO_ENDPOINT: 'http://127.0.0.1:9', MINIO_ACCESS_KEY: 'a', MINIO_SECRET_KEY: 'b' }

  assert.deepEqual(await names({}), [`directory ${path.join(folder, 'backups')}`])
  assert.deepEqual(await names({ BACKUP_DIR: '/mnt/nas', BACKUP_S3_BUCKET: 'our-backups', ...s3 }), [
    'directory /mnt/nas',
    'S3 bucket our-backups',
  ])
})

test('Settings that do not go together are told at the start, each by its name', () => {
  const wrong = {
    BACKUP_S3_BUCKET: 'our-backups',
    BACKUP_GOOGLE_FOLDER: 'x',
    BACKUP_KEY: 'short',
    BACKUP_KEEP_DAYS: '0',
  }

  assert.throws(
    () => loadConfig({ DATA_DIR: folder, ...wrong }, folder),
    (error: Error) =>
      [
        'MINIO_ENDPOINT is required',
        'GOOGLE_SERVICE_ACCOUNT_FILE is required',
        'BACKUP_KEY must have',
        'BACKUP_KEEP_DAYS must be',
      ].every((sentence) => error.message.includes(sentence)),
  )
})

const missing = missingSwift()
// eslint-disable-next-line node/no-process-env -- only CI knows that everything must be there
test('A bucket of S3 is a place', { skip: process.env['CI'] || missing === null ? false : missing }, async (t) => {
  const server = await startSwift()
  t.after(() => server.stop())
  const { endpoint: MINIO_ENDPOINT, accessKey: MINIO_ACCESS_KEY, secretKey: MINIO_SECRET_KEY } = server
  const [place] = await placesOf({
    BACKUP_S3_BUCKET: 'our-backups',
    MINIO_ENDPOINT,
    MINIO_ACCESS_KEY,
    MINIO_SECRET_KEY,
  })

  await prove(place!)
})
