import { pieces, type Readout } from './spool.ts'

/** Beginnings of texts that some program runs or draws: pages, XML, scripts, PostScript, RTF, MHTML, shortcuts. */
const begins =
  /^(?:<[!?/a-z]|#!|%!|%pdf|\{\\rtf|mime-version:|\[internetshortcut\]|\[desktop entry\]|\[autorun\]|@echo off|windows registry)/i
/** What browsers that sniff look for in the first bytes. */
const draws = /<(?:script|html|svg|iframe|object|embed|body|head|style|meta|base|form|link|\?php|!doctype)[\s>/]/i
/** The controls (category Cc) but tab, line feed, form feed and carriage return. */
const control = /(?![\t\n\f\r])\p{Cc}/u

/** Is it a text in UTF-8 that nothing would run, draw or sniff something else in? */
export async function isText(file: Readout): Promise<boolean> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let first = true
  try {
    for await (const piece of pieces(file)) {
      const text = decoder.decode(piece, { stream: true })
      if (control.test(text)) return false
      if (first && (begins.test(text.replace(/^[\ufeff\s]+/, '')) || draws.test(text.slice(0, 4096)))) return false
      first = false
    }
    decoder.decode()
    return true
  } catch {
    return false
  }
}
