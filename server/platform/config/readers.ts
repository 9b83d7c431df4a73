import { isIP } from 'node:net'
import { isCurrency } from '../money.ts'
import { readCredentials } from '../push/credentials.ts'

/** How the text of a setting becomes its value; what is wrong is thrown as an Error that completes the sentence "NAME ...". */

export const text = (raw: string): string => raw
export const oneOf =
  <const T extends string>(...values: T[]) =>
  (raw: string): T => {
    if (!(values as string[]).includes(raw)) throw new Error(`must be one of ${values.join(', ')}`)
    return raw as T
  }
export const integer =
  (min: number, max: number) =>
  (raw: string): number => {
    const value = Number(raw)
    if (!/^\d+$/.test(raw) || value < min || value > max)
      throw new Error(`must be a whole number from ${min} to ${max}`)
    return value
  }
export const flag = (raw: string): boolean => {
  if (/^(true|1|yes|on)$/i.test(raw)) return true
  if (/^(false|0|no|off)$/i.test(raw)) return false
  throw new Error('must be true or false')
}
const list = (raw: string): string[] =>
  raw
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
export const url =
  (...protocols: string[]) =>
  (raw: string): string => {
    if (!URL.canParse(raw) || !protocols.includes(new URL(raw).protocol)) {
      throw new Error(`must be a URL that begins with ${protocols.map((p) => `${p}//`).join(' or ')}`)
    }
    return raw.replace(/\/+$/, '')
  }
export const redisUrl = (raw: string): string => {
  const given = url('redis:', 'rediss:')(raw)
  const { hostname, pathname } = new URL(given)
  if (hostname === '' || !/^(?:\/\d{1,3})?$/.test(pathname))
    throw new Error('must be a URL such as redis://:password@localhost:6379/0')
  return given
}
/** A port of this machine, or the address to listen on with it: `9464`, `0.0.0.0:9464`, `[::1]:9464`. */
export const listenAddress = (raw: string): { host: string; port: number } => {
  const [, v6, name, digits = ''] = /^(?:(?:\[([\da-f:]+)\]|([\w.-]+)):)?(\d{1,5})$/i.exec(raw) ?? []
  const port = Number(digits)
  if (port < 1 || port > 65535) throw new Error('must be a port, or an address with one such as 0.0.0.0:9464')
  return { host: v6 ?? name ?? '127.0.0.1', port }
}
export const metricsToken = (raw: string): string => {
  if (!/^[\x21-\x7e]{16,200}$/.test(raw)) throw new Error('must be 16 to 200 characters without spaces')
  return raw
}
export const redisPrefix = (raw: string): string => {
  if (!/^[\w.-]{1,40}$/.test(raw)) throw new Error('must be letters, digits, dots and dashes, at most 40')
  return raw
}
const isNetwork = (given: string): boolean => {
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(given) ?? []
  const version = isIP(address)
  return version !== 0 && (bits === undefined || (Number(bits) >= 1 && Number(bits) <= (version === 4 ? 32 : 128)))
}
/** Addresses, networks and Fastify's names of some; none of all addresses, with which everybody could say who they are. */
export const proxies = (raw: string): string[] => {
  const given = list(raw)
  const wrong = given.find((one) => !['loopback', 'linklocal', 'uniquelocal'].includes(one) && !isNetwork(one))
  if (wrong !== undefined) throw new Error(`"${wrong}" is no address or network such as 10.0.0.0/8`)
  return given
}
export const origins = (raw: string): string[] => {
  const given = list(raw)
  for (const origin of given) {
    if (origin !== '*' && (!URL.canParse(origin) || new URL(origin).origin !== origin)) {
      throw new Error(`"${origin}" is no origin such as https://app.example.com`)
    }
  }
  return given
}
export const timeZone = (raw: string): string => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: raw }).resolvedOptions().timeZone === undefined ? 'UTC' : raw
  } catch {
    throw new Error('must be an IANA time zone such as Europe/Kyiv')
  }
}
/** A path whose file is looked at now, so that a wrong one is told at the start. */
export const credentialsFile = (raw: string): string => {
  readCredentials(raw)
  return raw
}
export const documentTypes = (raw: string): string[] => {
  const given = list(raw)
  const wrong = given.find((type) => !['identity', 'certificate', 'licence', 'insurance', 'tax'].includes(type))
  if (wrong !== undefined || given.length === 0) throw new Error(`"${wrong ?? ''}" is no type of document`)
  return given
}
export const percent = (raw: string): number => {
  const value = Number(raw)
  if (!/^\d{1,2}(\.\d{1,2})?$|^100$/.test(raw)) throw new Error('must be a percentage from 0 to 100, such as 10 or 2.5')
  return value
}
export const currency = (raw: string): string => {
  if (!isCurrency(raw)) throw new Error('must be an ISO 4217 currency such as USD')
  return raw
}
export const mailAddress = (raw: string): string => {
  if (/[\r\n]/.test(raw) || !raw.includes('@'))
    throw new Error('must be an address such as Banister <no-reply@example.com>')
  return raw
}
/** A bare address, such as that of a Google account. */
export const googleUser = (raw: string): string => {
  if (!/^[^\s@]+@[^\s@]+$/.test(raw)) throw new Error('must be an e-mail address such as bookings@example.com')
  return raw
}
/** The id of a Google calendar: `primary`, or its address. */
export const googleCalendar = (raw: string): string => {
  if (/^[\w-]+$/.test(raw) ? raw !== 'primary' && raw !== 'none' : !/^[^\s@/]+@[^\s@/]+$/.test(raw))
    throw new Error('must be primary, none, or the id of a calendar such as abc@group.calendar.google.com')
  return raw
}
