/** Names of files as people gave them: never a place on a disk, only shown and suggested for saving. Pure. */

const MAX_LENGTH = 120
/** Controls, line and paragraph separators, and the marks that turn the direction of text (`gpj.exe` would read as `exe.jpg`). */
const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu
/** What separates folders, or is forbidden in names on some system. */
const forbidden = /[\\/:*?"<>|]/g
/** Windows opens the device under these names. */
const device = /^(?:con|prn|aux|nul|com\d|lpt\d)$/i

/**
 * A name that is harmless on every system: without path, controls and turning marks, at most 120 characters, and with an extension of its type, so that
 * `report.pdf.exe` that is a PDF is saved as `report.pdf.exe.pdf`.
 */
export function safeName(given: string, extensions: readonly string[]): string {
  const last = given.normalize('NFC').split(/[\\/]/).at(-1) ?? ''
  const clean = last
    .replace(hidden, '')
    .replace(forbidden, '_')
    .replace(/\s+/g, ' ')
    .replace(/^[. ]+|[. ]+$/g, '')
  const dot = clean.lastIndexOf('.')
  const own = dot > 0 ? clean.slice(dot + 1).toLowerCase() : ''
  const keeps = extensions.includes(own)
  const extension = keeps ? clean.slice(dot + 1) : extensions[0]!
  const stem = cut(keeps ? clean.slice(0, dot) : clean, MAX_LENGTH - extension.length - 1).replace(/[. ]+$/, '')
  const named = stem === '' || device.test(stem.split('.')[0]!) ? `file${stem === '' ? '' : `_${stem}`}` : stem
  return `${named}.${extension}`
}

/** At most so many characters, none of them halved. */
function cut(text: string, length: number): string {
  const shortened = text.slice(0, length)
  return shortened.isWellFormed() ? shortened : shortened.slice(0, -1)
}

/** `Content-Disposition` of a download (RFC 6266): the name in ASCII for old readers, and whole by RFC 8187. */
export function attachmentHeader(name: string): string {
  const ascii = name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\x20-\x7e]|["\\%]/g, '_')
  const whole = encodeURIComponent(name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
  return `attachment; filename="${ascii}"; filename*=UTF-8''${whole}`
}
