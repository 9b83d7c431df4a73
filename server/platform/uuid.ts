import { randomBytes, randomInt } from 'node:crypto'

/** Counts within a millisecond; of its 18 bits the highest begins as 0, so that there is room for 131,072 more. */
const counterBits = 18
let [lastMillisecond, counter] = [-1, 0]

/**
 * A UUID of version 7 (RFC 9562, 5.7): its first 48 bits are the time, so that rows made one after another lie together in an index. The next bits count within a
 * millisecond (6.2, method 1), so that what one process makes later is also greater: a list by id is in the order of making.
 */
export function uuid7(now: Temporal.Instant): string {
  const { epochMilliseconds } = now
  counter = epochMilliseconds === lastMillisecond ? counter + 1 : randomInt(2 ** (counterBits - 1))
  lastMillisecond = epochMilliseconds
  const bytes = randomBytes(16)
  bytes.writeUIntBE(epochMilliseconds, 0, 6)
  bytes.writeUInt16BE(0x7000 | ((counter >> 6) & 0x0fff), 6)
  bytes[8] = 0x80 | (counter & 0x3f)
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
