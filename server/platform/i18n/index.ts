export { LOCALES } from './locales.ts'
export type { Locale } from './locales.ts'
export { negotiate } from './negotiate.ts'
export { translate } from './translate.ts'
