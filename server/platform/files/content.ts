import { fileTypeFromBuffer } from 'file-type'
import { checkBoxes, checkGif, checkJpeg, checkPdf, checkPng, checkRiff } from './formats.ts'
import { ContentError } from './content-error.ts'
import { contains, findZipEnd, type Pattern } from './scan.ts'
import type { Readout } from './spool.ts'
import { isText } from './text.ts'
import { checkOffice } from './zip.ts'

/** What a file is, told by its bytes. */
export type Content = {
  contentType: string
  /** Extensions that such a file may have; the first is the usual one. */
  extensions: readonly string[]
}

type Kind = Content & { check: (file: Readout) => Promise<void> }

/** What is accepted beside office documents and text, by what `file-type` calls it. */
const kinds: Record<string, Kind> = {
  jpg: { contentType: 'image/jpeg', extensions: ['jpg', 'jpeg'], check: checkJpeg },
  png: { contentType: 'image/png', extensions: ['png'], check: checkPng },
  apng: { contentType: 'image/png', extensions: ['png'], check: checkPng },
  gif: { contentType: 'image/gif', extensions: ['gif'], check: checkGif },
  webp: { contentType: 'image/webp', extensions: ['webp'], check: checkRiff },
  wav: { contentType: 'audio/wav', extensions: ['wav'], check: checkRiff },
  heic: { contentType: 'image/heic', extensions: ['heic', 'heif'], check: checkBoxes },
  avif: { contentType: 'image/avif', extensions: ['avif'], check: checkBoxes },
  mp4: { contentType: 'video/mp4', extensions: ['mp4', 'm4v'], check: checkBoxes },
  m4v: { contentType: 'video/mp4', extensions: ['m4v', 'mp4'], check: checkBoxes },
  m4a: { contentType: 'audio/mp4', extensions: ['m4a'], check: checkBoxes },
  mov: { contentType: 'video/quicktime', extensions: ['mov'], check: checkBoxes },
  pdf: { contentType: 'application/pdf', extensions: ['pdf'], check: checkPdf },
}

/** Beginnings of what must not hide in a picture or a film: archives, pages and programs. */
const strangers: readonly Pattern[] = [
  'Rar!\x1a\x07',
  '7z\xbc\xaf\x27\x1c',
  '<script',
  '<html>',
  '<html ',
  '<!doctype html',
  '<?php ',
  '<?php\n',
  '<iframe',
]
const ZIP = 'PK\x03\x04'
const refused = 'Files of this type are not accepted'
const text: Content = { contentType: 'text/plain; charset=utf-8', extensions: ['txt', 'log', 'md'] }
/** Texts that programs open by their extension. */
const texts: Record<string, Content> = {
  csv: { contentType: 'text/csv; charset=utf-8', extensions: ['csv'] },
  ics: { contentType: 'text/calendar; charset=utf-8', extensions: ['ics'] },
  vcf: { contentType: 'text/vcard; charset=utf-8', extensions: ['vcf'] },
}

/**
 * What a file is by its content (SPEC section 4), or why it is refused: of a type that is not accepted, damaged, two things at once, a bomb, or with something
 * in it that runs. Nothing is decoded or unpacked; what it claims of itself is followed. `name` only tells texts from one another.
 * @throws ContentError
 */
export async function checkContent(file: Readout, name: string): Promise<Content> {
  if (file.size === 0) throw new ContentError('broken', 'The file is empty')
  const head = await file.read(0, 4100)
  if (head.toString('latin1', 0, 4) === ZIP) return checkOffice(file)
  const found = await fileTypeFromBuffer(head)
  const kind = found && Object.hasOwn(kinds, found.ext) ? kinds[found.ext] : undefined
  if (!kind) {
    if (!(await isText(file))) throw new ContentError('unsupported', refused)
    return texts[/\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? ''] ?? text
  }
  await kind.check(file)
  if (found?.ext !== 'pdf') {
    // A reader of PDF begins wherever the first kilobyte says so; a page or program hides in what a picture says about itself.
    if (head.subarray(0, 1100).includes('%PDF-') || (await contains(file, strangers)))
      throw new ContentError('unsupported', 'The file is of two types at once')
  }
  if (await findZipEnd(file)) throw new ContentError('unsupported', 'The file is of two types at once')
  return { contentType: kind.contentType, extensions: kind.extensions }
}
