import type { AppError } from '../../platform/errors.ts'
import { translate, type Locale } from '../../platform/i18n/index.ts'
import { banister, d, dav, caldav, documentOf, escaped, tag, type Xml } from './xml/write.ts'

/** Refusals as DAV says them (RFC 4918 16): a status, the precondition that was broken, and a sentence for people. */

const conditions: Record<string, string> = {
  'number-of-matches-within-limits': dav,
  'valid-sync-token': dav,
  'supported-report': dav,
  'propfind-finite-depth': dav,
  'need-privileges': dav,
  'cannot-modify-protected-property': dav,
  'resource-must-be-null': dav,
}
const statuses: Record<string, number> = { 'number-of-matches-within-limits': 507, 'resource-must-be-null': 405 }

/** The status and the body of a refusal. */
export function refusalOf(error: AppError, locale: Locale): { status: number; body: string } {
  const detail = error.details?.find(({ rule }) => rule?.startsWith('dav:'))
  const condition = detail?.rule?.slice('dav:'.length)
  const told: Xml[] = []
  if (condition !== undefined) {
    const path = detail?.params?.['path']
    const inner = typeof path === 'string' ? d('href', escaped(path)) : ''
    told.push(tag({ ns: conditions[condition] ?? caldav, name: condition }, inner))
  } else if (error.code === 'PERMISSION_DENIED') told.push(d('need-privileges'))
  for (const { rule, params = {}, message } of error.details ?? []) {
    if (rule !== 'room_taken' && rule !== 'room_closed') continue
    const said = Object.entries(params).filter((one): one is [string, string] => typeof one[1] === 'string')
    const name = rule.replace('_', '-')
    told.push(tag({ ns: banister, name }, escaped(translate(locale, message)), Object.fromEntries(said)))
  }
  const sentence = translate(locale, error.message, error.params)
  const details = (error.details ?? [])
    .filter(({ field }) => field !== undefined)
    .map(({ message }) => translate(locale, message))
  const whole = [sentence, ...new Set(details)].join('. ')
  told.push(tag({ ns: banister, name: 'message' }, escaped(whole)))
  return {
    status: (condition === undefined ? undefined : statuses[condition]) ?? error.status,
    body: documentOf(d('error', told.join(''))),
  }
}
