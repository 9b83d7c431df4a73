import { pieces, type Readout } from './spool.ts'

/** Bytes to look for, as Latin-1 in lower case; letters of the file match in either case. */
export type Pattern = string

/** Is any of these in the file? It is read piece by piece, each with the end of the one before, so that nothing hides on a border. */
export async function contains(file: Readout, patterns: readonly Pattern[], from = 0): Promise<boolean> {
  const wanted = patterns.map((pattern) => pattern.toLowerCase())
  const overlap = Math.max(...wanted.map((pattern) => pattern.length)) - 1
  let rest = ''
  for await (const piece of pieces(file, from)) {
    const text = rest + piece.toString('latin1').toLowerCase()
    if (wanted.some((pattern) => text.includes(pattern))) return true
    rest = text.slice(-overlap)
  }
  return false
}

/** The end record of a ZIP: where its directory is and how long. */
export type ZipEnd = { at: number; entries: number; directorySize: number; directoryAt: number; commentLength: number }

/** The last end record of a ZIP that points to a directory before itself, wherever archivers look for one (the last 64 KB), or null. */
export async function findZipEnd(file: Readout): Promise<ZipEnd | null> {
  const from = Math.max(0, file.size - 65_557)
  const tail = await file.read(from, file.size - from)
  for (let at = tail.lastIndexOf('PK\x05\x06', tail.length, 'latin1'); at >= 0;) {
    if (at + 22 <= tail.length) {
      const end: ZipEnd = {
        at: from + at,
        entries: tail.readUInt16LE(at + 10),
        directorySize: tail.readUInt32LE(at + 12),
        directoryAt: tail.readUInt32LE(at + 16),
        commentLength: tail.readUInt16LE(at + 20),
      }
      // With bytes before it the offsets are off, and archivers mend that: the directory stands right before the end record.
      const start = end.at - end.directorySize
      if (start >= 0 && (await file.read(start, 4)).toString('latin1') === 'PK\x01\x02') return end
      if (end.entries === 0 && end.directorySize === 0 && end.commentLength === file.size - end.at - 22) return end
    }
    at = at === 0 ? -1 : tail.lastIndexOf('PK\x05\x06', at - 1, 'latin1')
  }
  return null
}
