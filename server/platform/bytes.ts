/**
 * A copy in memory of its own, for what is kept. Node cuts small buffers from slabs of 64 kB, each of which stays as long as anything that was cut from it: a row of
 * a kilobyte that is remembered would keep whatever else was read and answered beside it.
 */
export function ownBytes(of: string | Buffer | readonly Buffer[]): Buffer {
  if (typeof of === 'string') {
    const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(of))
    bytes.write(of)
    return bytes
  }
  const pieces = Buffer.isBuffer(of) ? [of] : of
  const bytes = Buffer.allocUnsafeSlow(pieces.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const piece of pieces) at += piece.copy(bytes, at)
  return bytes
}
