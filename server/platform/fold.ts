/** Text as it is searched and compared: lower case, without accents, in one Unicode form. In JavaScript, since `lower()` depends on the locale of the database. */
export const fold = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()

/** At most this many words of a search count: each is one more condition. */
const mostWords = 8

/** The words of a search as LIKE patterns: each must stand somewhere in the folded text, as a word or as part of one. */
export const searchPatterns = (search: string): string[] =>
  [...new Set(fold(search).split(/\s+/))]
    .filter((word) => word !== '')
    .slice(0, mostWords)
    .map((word) => `%${word.replace(/[\\%_]/g, String.raw`\$&`)}%`)
