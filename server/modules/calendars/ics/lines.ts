import { isUtf8 } from 'node:buffer'

/** From the bytes of a file to its components. Whatever is broken costs its own line or component and nothing else. */

/** A component as it stands in the file: its content lines unfolded, and what stands within it. */
export type Component = { name: string; lines: string[]; components: Component[] }

/** Components that stand side by side in a calendar, so that each ends whatever was left open before it. */
const outer = new Set(['VEVENT', 'VTODO', 'VJOURNAL', 'VFREEBUSY', 'VTIMEZONE', 'VAVAILABILITY'])
const inner: Record<string, string> = { STANDARD: 'VTIMEZONE', DAYLIGHT: 'VTIMEZONE' }

/** Deeper than any file that means something. */
const deepest = 8

/**
 * The content lines (RFC 5545 3.1), unfolded as bytes, since some programs fold within a character; each then read as UTF-8, else as Windows-1252. Ends of lines
 * may be CRLF, LF or CR; a file may begin with the mark of UTF-8 or UTF-16.
 */
export function linesOf(bytes: Buffer): string[] {
  const text = utf8Of(bytes).toString('latin1')
  const folded: string[][] = []
  for (const line of text.split(/[\r\n]+/)) {
    if (line === '') continue
    const last = folded.at(-1)
    if (last && /^[ \t]/.test(line)) last.push(line.slice(1))
    else folded.push([line])
  }
  return folded.map((parts) => decoded(parts.join('')))
}

/** UTF-16 as UTF-8; the marks at the beginning taken away. */
function utf8Of(bytes: Buffer): Buffer {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return bytes.subarray(3)
  const even = bytes.subarray(0, bytes.length - (bytes.length % 2))
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return Buffer.from(even.subarray(2).toString('utf16le'))
  if (bytes[0] === 0xfe && bytes[1] === 0xff)
    return Buffer.from(Buffer.from(even.subarray(2)).swap16().toString('utf16le'))
  return bytes
}

const windows = new TextDecoder('windows-1252')
/** All but the tab: PostgreSQL keeps no NUL, and no client shows the others. */
const controls = /(?!\t)\p{Cc}/gu

function decoded(line: string): string {
  if (!/[^ -~]/.test(line)) return line
  const bytes = Buffer.from(line, 'latin1')
  return (isUtf8(bytes) ? bytes.toString('utf8') : windows.decode(bytes)).replaceAll(controls, '')
}

/**
 * The components of the lines below a root without a name. An END that is missing is where the next component of the same level begins; one too many is passed over.
 */
export function componentsOf(lines: readonly string[]): Component {
  const root: Component = { name: '', lines: [], components: [] }
  let open: Component[] = [root]
  for (const line of lines) {
    const found = /^\s*(BEGIN|END)\s*:\s*([\w-]+)\s*$/i.exec(line)
    if (!found) {
      open.at(-1)!.lines.push(line)
      continue
    }
    const name = found[2]!.toUpperCase()
    if (found[1]!.toUpperCase() === 'END') {
      const at = open.findLastIndex((one, i) => i > 0 && one.name === name)
      if (at > 0) open = open.slice(0, at)
      continue
    }
    if (name === 'VCALENDAR') open = [root]
    else if (outer.has(name)) open = open.filter(({ name: above }) => above === '' || above === 'VCALENDAR').slice(0, 2)
    else if (inner[name]) {
      const at = open.findLastIndex((one) => one.name === inner[name])
      if (at > 0) open = open.slice(0, at + 1)
    }
    const component: Component = { name, lines: [], components: [] }
    open.at(-1)!.components.push(component)
    if (open.length <= deepest) open.push(component)
  }
  return root
}
