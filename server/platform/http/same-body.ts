import { ownBytes } from '../bytes.ts'

type Body = { key: string; head: string; pieces: readonly Buffer[]; tail: string; bytes: Buffer; etag: string }

/** Roughly the bytes that are kept in a process; with more it begins anew. */
const mostBytes = 16 * 1024 * 1024
/** With its pieces, which nothing else may keep any longer, what is around them, and its address, which anybody can make longer than any page. */
const sizeOf = ({ key, bytes }: Body): number => key.length + 2 * bytes.length + 1000
const bodies = new Map<string, Body>()
let kept = 0

/**
 * A body of a head, pieces that were written before, and a tail, with its tag. A page that is asked for again and again has the very same pieces (`RowCache`), as long
 * as its rows stay what they are: then it is neither put together nor hashed again. What is kept is found by `key`, and used only where every part of it is the same.
 */
export function bodyOf(
  key: string,
  head: string,
  pieces: readonly Buffer[],
  tail: string,
  etagOf: (bytes: Buffer) => string,
): Pick<Body, 'bytes' | 'etag'> {
  const before = bodies.get(key)
  if (before && before.head === head && before.tail === tail && areSame(before.pieces, pieces)) return before
  const bytes = ownBytes([Buffer.from(head), ...pieces, Buffer.from(tail)])
  const body = { key, head, pieces, tail, bytes, etag: etagOf(bytes) }
  kept += sizeOf(body) - (before ? sizeOf(before) : 0)
  if (kept > mostBytes) {
    bodies.clear()
    kept = sizeOf(body)
  }
  bodies.set(key, body)
  return body
}

function areSame(some: readonly Buffer[], others: readonly Buffer[]): boolean {
  if (some.length !== others.length) return false
  for (let i = 0; i < some.length; i++) if (some[i] !== others[i]) return false
  return true
}
