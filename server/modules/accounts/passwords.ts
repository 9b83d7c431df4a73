import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { channel } from 'node:diagnostics_channel'
import { promisify } from 'node:util'

const derive = promisify(argon2)

// OWASP's recommendation for Argon2id: 19 MiB, 2 passes, 1 lane; 55 ms here.
const memory = 19_456
const passes = 2
const parallelism = 1

/** Tells whoever measures of every hashing, by what it cost: that an answer gives nothing away by its time is a matter of work done. */
export const hashings = channel('banister.passwords.hashed')

/** Hashing uses a thread of the pool for 55 ms: at most so many at once, so that sign-ins starve neither files nor name look-ups. */
const mostAtOnce = 4
let running = 0
const waiting: (() => void)[] = []

async function argon2id(
  password: string,
  nonce: Buffer,
  cost: { memory: number; passes: number; parallelism: number },
): Promise<Buffer> {
  if (running >= mostAtOnce) await new Promise<void>((resolve) => waiting.push(resolve))
  running++
  try {
    return await derive('argon2id', { message: Buffer.from(password.normalize('NFC')), nonce, tagLength: 32, ...cost })
  } finally {
    running--
    waiting.shift()?.()
    hashings.publish(cost)
  }
}

const base64 = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '')

/** The hash of a password in the PHC form, with a salt of its own: `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const hash = await argon2id(password, salt, { memory, passes, parallelism })
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(salt)}$${base64(hash)}`
}

/** Somebody's hash where there is nobody: verifying against it takes as long, so that timing does not tell who is registered. */
const nobody = `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(Buffer.alloc(16))}$${base64(Buffer.alloc(32))}`

/** Is this the password of the hash? Always costs one hashing, also without a hash. */
export async function verifyPassword(password: string, hash: string | null): Promise<boolean> {
  const [, , , cost = '', salt = '', wanted = ''] = (hash ?? nobody).split('$')
  const number = (name: string): number => Number(new RegExp(`${name}=(\\d+)`).exec(cost)?.[1])
  const found = await argon2id(password, Buffer.from(salt, 'base64'), {
    memory: number('m'),
    passes: number('t'),
    parallelism: number('p'),
  })
  const expected = Buffer.from(wanted, 'base64')
  return hash !== null && expected.length === found.length && timingSafeEqual(expected, found)
}
