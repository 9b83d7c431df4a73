import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'
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
  /** Encrypts a text under a purpose's key (AES-256-GCM), bound to what it belongs to, such as the id of a row: elsewhere it cannot be opened. */
  seal: (purpose: string, text: string, belongsTo: string) => string
  /** The text of `seal`, and whether it was sealed under the previous key; null when the key is gone, or it was changed or moved. */
  unseal: (purpose: string, sealed: string, belongsTo: string) => { text: string; isOld: boolean } | null
}

function encrypt(key: Buffer, text: string, belongsTo: string): string {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(belongsTo))
  const encrypted = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), encrypted]).toString('base64url')
}

function decrypt(key: Buffer, sealed: string, belongsTo: string): string | null {
  const bytes = Buffer.from(sealed, 'base64url')
  if (bytes.length < 28) return null
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 })
  decipher.setAAD(Buffer.from(belongsTo)).setAuthTag(bytes.subarray(12, 28))
  try {
    return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8')
  } catch {
    // The tag does not fit: another key, another row, or other bytes.
    return null
  }
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
    seal: (purpose, text, belongsTo) => encrypt(keys(purpose)[0]!, text, belongsTo),
    unseal: (purpose, sealed, belongsTo) => {
      for (const [age, key] of keys(purpose).entries()) {
        const text = decrypt(key, sealed, belongsTo)
        if (text !== null) return { text, isOld: age > 0 }
      }
      return null
    },
  }
}

const placeholders =
  /change.?(me|this|it)|place.?holder|example|\byour[-_ ]|insecure|default|password|(secret|private|api)[-_ ]?key|my[-_ ]?secret|qwerty|letmein|\b(?:dummy|lorem)/i

/** A short word that chance has spelled is of any case, one that was typed is not. */
const isTyped = (word: string): boolean =>
  word.length > 6 || [word.toLowerCase(), word.toUpperCase(), word[0]! + word.slice(1).toLowerCase()].includes(word)

/**
 * Why somebody could guess this secret, in words, or null where nothing speaks for it: a placeholder that was left, few different characters, a part said again
 * and again, a row such as `abcdef`. It cannot be proved that a secret is random; this finds those that are typed instead of made.
 */
export function weaknessOf(secret: string): string | null {
  const characters = Array.from(secret)
  const word = placeholders.exec(secret)?.[0]
  if (word !== undefined && isTyped(word)) return 'this one is a placeholder'
  // Of 32 random hexadecimal digits 14 are different; fewer than 8 happen once in ten million.
  if (new Set(characters).size < 8) return 'this one has few different characters'
  for (let length = 1; length <= secret.length / 2; length++) {
    const isAgain = characters.every((character, i) => i < length || character === characters[i - length])
    if (isAgain) return 'this one says the same again and again'
  }
  const steps = characters.slice(1).map((character, i) => character.codePointAt(0)! - characters[i]!.codePointAt(0)!)
  const inRow = steps.filter((step) => Math.abs(step) <= 1).length
  // Of 31 steps between random hexadecimal digits six are so small; 21 are once in a thousand million.
  return inRow > (steps.length * 2) / 3 ? 'this one is a row of characters' : null
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
