/** Letters that people write without their stroke or as two, although Unicode does not take them apart. */
const letters: Record<string, string> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ħ: 'h',
  ı: 'i',
}
const letter = new RegExp(`[${Object.keys(letters).join('')}]`, 'g')

/** Text as it is searched and compared: lower case, without accents, in one Unicode form. In JavaScript, since `lower()` depends on the locale of the database. */
export const fold = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(letter, (found) => letters[found]!)

/** At most this many words of a search count: each is one more condition. */
const mostWords = 8

/** The words of a search as LIKE patterns: each must stand somewhere in the folded text, as a word or as part of one. */
export const searchPatterns = (search: string): string[] =>
  [...new Set(fold(search).split(/\s+/))]
    .filter((word) => word !== '')
    .slice(0, mostWords)
    .map((word) => `%${word.replace(/[\\%_]/g, String.raw`\$&`)}%`)
