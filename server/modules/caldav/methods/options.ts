import type { Reply } from './call.ts'

/**
 * What we are (RFC 4918 10.1, RFC 4791 5.1): clients look here first. Not `calendar-auto-schedule` (RFC 6638 2): it would promise that we mail people
 * from elsewhere, and clients would not.
 */
export const compliance = '1, 3, calendar-access'

export const methods = 'OPTIONS, GET, HEAD, PUT, DELETE, POST, PROPFIND, PROPPATCH, REPORT, MKCALENDAR'

export const options = (): Reply => ({ status: 200, headers: { allow: methods } })
