import ICAL from 'ical.js'

/** A property of iCalendar: its value as it was written, and what it says as text. */
export type Property = {
  name: string
  /** By name in lower case; of several values the first. */
  params: Record<string, string>
  raw: string
  /** The value as TEXT, without its escapes. */
  text: string
  line: string
}

const nameForm = /^([A-Za-z0-9-]+)\s*(?=[;:])/

/** Reads one content line. Null for what is none: such a line is lost alone. */
export function propertyOf(line: string): Property | null {
  const name = nameForm.exec(line)?.[1]?.toUpperCase()
  if (name === undefined) return null
  const at = valueAt(line)
  if (at < 0) return null
  const raw = line.slice(at).trim()
  const written = line.slice(name.length, at - 1).trim()
  const params: Record<string, string> = {}
  if (written === '') return { name, params, raw, text: unescaped(raw), line }
  try {
    // Only its parameters: values are ours to read, since the parser makes something of every value, also of one that is none.
    const [, given] = ICAL.parse.property(`X-P${written.replaceAll(/;\s*VALUE\s*=/gi, ';X-VALUE=')}:x`) as unknown[]
    for (const [key, value] of Object.entries(given as Record<string, unknown>))
      params[key.toLowerCase()] = String(Array.isArray(value) ? value[0] : value)
    return { name, params, raw, text: unescaped(raw), line }
  } catch {
    return null
  }
}

/** Where the value begins: after the first colon outside of quotes; -1 without one. */
function valueAt(line: string): number {
  let quoted = false
  for (let i = 0; i < line.length; i++) {
    const character = line[i]
    if (character === '"') quoted = !quoted
    else if (character === ':' && !quoted) return i + 1
  }
  // A quote that never ends: the first colon will do.
  return line.indexOf(':') + 1 || -1
}

const unescaped = (text: string): string =>
  text.replaceAll(/\\([nN\\;,])/g, (_, c: string) => (/n/i.test(c) ? '\n' : c))
