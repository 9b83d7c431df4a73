export type ContentErrorCode = 'unsupported' | 'too_large' | 'broken'

/** Why a file is refused by its content; the message is an English sentence and a key of the translations. */
export class ContentError extends Error {
  readonly code: ContentErrorCode
  constructor(code: ContentErrorCode, message: string) {
    super(message)
    this.name = 'ContentError'
    this.code = code
  }
}

export const damaged = (): ContentError => new ContentError('broken', 'The file is damaged')
export const twoThings = (): ContentError =>
  new ContentError('unsupported', 'There is something behind the end of the file')
export const active = (): ContentError => new ContentError('unsupported', 'Files with macros or programs are refused')
