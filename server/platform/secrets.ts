import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** Keys made from SECRET_KEY, one for each purpose, so that none serves for two things. */
export type Secrets = {
  /** The key for a purpose, 32 bytes. */
  key: (purpose: string) => Buffer
  /** The current key for a purpose, then the previous one while SECRET_KEY_PREVIOUS is set: what was signed before a rotation still verifies. */
  keys: (purpose: string) => Buffer[]
  /** HMAC-SHA256 of a text under a purpose's key, hexadecimal. */
  hmac: (purpose: string, text: string) => string
  /** Was this HMAC made by `hmac`, with the current or the previous key? In constant time. */
  verifies: (purpose: string, text: string, hmac: string) => boolean
}

const digest = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

export function createSecrets(current: string, previous: string | null): Secrets {
  const cache = new Map<string, Buffer[]>()
  const keys = (purpose: string): Buffer[] => {
    let found = cache.get(purpose)
    if (!found) {
      const sources = previous ? [current, previous] : [current]
      found = sources.map((secret) => Buffer.from(hkdfSync('sha256', secret, 'banister', purpose, 32)))
      cache.set(purpose, found)
    }
    return found
  }
  return {
    key: (purpose) => keys(purpose)[0]!,
    keys,
    hmac: (purpose, text) => digest(keys(purpose)[0]!, text).toString('hex'),
    verifies: (purpose, text, hmac) => {
      const given = Buffer.from(hmac, 'hex')
      return keys(purpose).some((key) => {
        const wanted = digest(key, text)
        return wanted.length === given.length && timingSafeEqual(wanted, given)
      })
    },
  }
}

/** The secret that development keeps in DATA_DIR, made at the first start; readable by its owner only. */
export function developmentSecret(dataDir: string): string {
  const file = path.join(dataDir, 'secret_key')
  if (!existsSync(file)) {
    mkdirSync(dataDir, { recursive: true })
    const draft = `${file}.${process.pid}`
    writeFileSync(draft, randomBytes(32).toString('base64url'), { mode: 0o600 })
    try {
      // A link appears whole or not at all, and of two first starts at once only one makes it.
      linkSync(draft, file)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    } finally {
      rmSync(draft, { force: true })
    }
  }
  return readFileSync(file, 'utf8').trim()
}
