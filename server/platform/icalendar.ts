/** Writing iCalendar (RFC 5545): values, and lines as they must be folded. What the lines say is up to who writes them. */

/** The value of a TEXT property (3.3.11): what separates values is escaped, other control characters are not allowed at all. */
export const textValue = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/\r\n?|[\u2028\u2029]/g, '\n')
    .replaceAll(/(?![\n\t])\p{Cc}/gu, '')
    .replaceAll(/[\\;,]/g, String.raw`\$&`)
    .replaceAll('\n', String.raw`\n`)

/** The value of a parameter, in quotes (3.2); a quote or a line break within it as RFC 6868 writes them. */
export const parameterValue = (text: string): string =>
  `"${text
    .toWellFormed()
    .replaceAll('^', '^^')
    .replaceAll('"', "^'")
    .replaceAll(/\r\n?|\n/g, '^n')
    .replaceAll(/\p{Cc}/gu, '')}"`

/** An instant in the form of 3.3.5, UTC. */
export const utcValue = (instant: Temporal.Instant): string =>
  instant.toString({ smallestUnit: 'second' }).replaceAll(/[-:]/g, '')

/** Lines of at most 75 octets (3.1), broken between characters and never inside one; each continuation begins with a space. */
export function foldLine(line: string): string {
  if (line.length <= 25) return line
  let out = ''
  let octets = 0
  for (const character of line) {
    const length = Buffer.byteLength(character)
    if (octets + length > 75) {
      out += '\r\n '
      octets = 1
    }
    out += character
    octets += length
  }
  return out
}

/** Content lines as a file. */
export const icalendarOf = (lines: readonly string[]): string => lines.map((line) => `${foldLine(line)}\r\n`).join('')
