import { existsSync, readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import path from 'node:path'
import { parseEnv } from 'node:util'
import { bucketPrefix, problemsOfStore, storeEndpoint, storeUrl } from './files/settings.ts'
import { isCurrency } from './money.ts'
import { readCredentials } from './push/credentials.ts'
import { developmentSecret, weaknessOf } from './secrets.ts'

/** A setting: what it is when nobody sets it, what it means, and how its text becomes a value. `parse` throws an Error that says what is wrong. */
type Setting<T> = { default: string | null; meaning: string; parse: (raw: string) => T }

const text = (raw: string): string => raw
const oneOf =
  <const T extends string>(...values: T[]) =>
  (raw: string): T => {
    if (!(values as string[]).includes(raw)) throw new Error(`must be one of ${values.join(', ')}`)
    return raw as T
  }
const integer =
  (min: number, max: number) =>
  (raw: string): number => {
    const value = Number(raw)
    if (!/^\d+$/.test(raw) || value < min || value > max)
      throw new Error(`must be a whole number from ${min} to ${max}`)
    return value
  }
const flag = (raw: string): boolean => {
  if (/^(true|1|yes|on)$/i.test(raw)) return true
  if (/^(false|0|no|off)$/i.test(raw)) return false
  throw new Error('must be true or false')
}
const list = (raw: string): string[] =>
  raw
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
const url =
  (...protocols: string[]) =>
  (raw: string): string => {
    if (!URL.canParse(raw) || !protocols.includes(new URL(raw).protocol)) {
      throw new Error(`must be a URL that begins with ${protocols.map((p) => `${p}//`).join(' or ')}`)
    }
    return raw.replace(/\/+$/, '')
  }
const redisUrl = (raw: string): string => {
  const given = url('redis:', 'rediss:')(raw)
  const { hostname, pathname } = new URL(given)
  if (hostname === '' || !/^(?:\/\d{1,3})?$/.test(pathname))
    throw new Error('must be a URL such as redis://:password@localhost:6379/0')
  return given
}
const metricsToken = (raw: string): string => {
  if (!/^[\x21-\x7e]{16,200}$/.test(raw)) throw new Error('must be 16 to 200 characters without spaces')
  return raw
}
const redisPrefix = (raw: string): string => {
  if (!/^[\w.-]{1,40}$/.test(raw)) throw new Error('must be letters, digits, dots and dashes, at most 40')
  return raw
}
const isNetwork = (given: string): boolean => {
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(given) ?? []
  const version = isIP(address)
  return version !== 0 && (bits === undefined || (Number(bits) >= 1 && Number(bits) <= (version === 4 ? 32 : 128)))
}
/** Addresses, networks and Fastify's names of some; none of all addresses, with which everybody could say who they are. */
const proxies = (raw: string): string[] => {
  const given = list(raw)
  const wrong = given.find((one) => !['loopback', 'linklocal', 'uniquelocal'].includes(one) && !isNetwork(one))
  if (wrong !== undefined) throw new Error(`"${wrong}" is no address or network such as 10.0.0.0/8`)
  return given
}
const origins = (raw: string): string[] => {
  const given = list(raw)
  for (const origin of given) {
    if (origin !== '*' && (!URL.canParse(origin) || new URL(origin).origin !== origin)) {
      throw new Error(`"${origin}" is no origin such as https://app.example.com`)
    }
  }
  return given
}
const timeZone = (raw: string): string => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: raw }).resolvedOptions().timeZone === undefined ? 'UTC' : raw
  } catch {
    throw new Error('must be an IANA time zone such as Europe/Kyiv')
  }
}
/** A path whose file is looked at now, so that a wrong one is told at the start. */
const credentialsFile = (raw: string): string => {
  readCredentials(raw)
  return raw
}
const documentTypes = (raw: string): string[] => {
  const given = list(raw)
  const wrong = given.find((type) => !['identity', 'certificate', 'licence', 'insurance', 'tax'].includes(type))
  if (wrong !== undefined || given.length === 0) throw new Error(`"${wrong ?? ''}" is no type of document`)
  return given
}
const percent = (raw: string): number => {
  const value = Number(raw)
  if (!/^\d{1,2}(\.\d{1,2})?$|^100$/.test(raw)) throw new Error('must be a percentage from 0 to 100, such as 10 or 2.5')
  return value
}
const currency = (raw: string): string => {
  if (!isCurrency(raw)) throw new Error('must be an ISO 4217 currency such as USD')
  return raw
}
const mailAddress = (raw: string): string => {
  if (/[\r\n]/.test(raw) || !raw.includes('@'))
    throw new Error('must be an address such as Banister <no-reply@example.com>')
  return raw
}
const setting = <T>(fallback: string | null, meaning: string, parse: (raw: string) => T): Setting<T> => ({
  default: fallback,
  meaning,
  parse,
})

/** Every setting, in the order in which `.env.example` lists them (SPEC section 8). */
export const settings = {
  ENVIRONMENT: setting(
    'development',
    'development or production; production refuses unsafe defaults by name and has no demo and no /dev',
    oneOf('development', 'production'),
  ),
  HOST: setting('127.0.0.1', 'the address it listens on; development refuses one that is not loopback', text),
  PORT: setting('8000', 'the port it listens on', integer(0, 65535)),
  PUBLIC_URL: setting(
    null,
    'where people reach it: links in mails and lists; http://localhost:PORT in development, required in production',
    url('http:', 'https:'),
  ),
  DATA_DIR: setting('./data', 'the embedded database, files and generated secrets', text),
  DATABASE_URL: setting(
    null,
    'PostgreSQL 15 or later; without it the embedded one is started in DATA_DIR',
    url('postgres:', 'postgresql:'),
  ),
  DATABASE_POOL_SIZE: setting('8', 'connections to the database of one process', integer(2, 200)),
  REDIS_URL: setting(
    null,
    'Redis 6 or later, for limits and messages that many nodes share: redis://[user:password@]host:port[/number], rediss:// over TLS; without it PostgreSQL does both',
    redisUrl,
  ),
  REDIS_PREFIX: setting(
    'banister',
    'stands before every key and channel: one for each installation that shares a Redis',
    redisPrefix,
  ),
  SECRET_KEY: setting(
    null,
    'every key is derived from it; generated into DATA_DIR in development, required in production (32 random characters or more)',
    text,
  ),
  SECRET_KEY_PREVIOUS: setting(null, 'the secret before the last change: what was signed with it stays valid', text),
  ACCESS_TOKEN_EXPIRE_MINUTES: setting('30', 'how long an access token lives', integer(1, 1440)),
  REFRESH_TOKEN_EXPIRE_DAYS: setting('30', 'how long a refresh token lives', integer(1, 365)),
  MANAGEMENT_REGISTRATION: setting(
    null,
    'open or closed: may anybody register as a manager; open in development, closed in production',
    oneOf('open', 'closed'),
  ),
  TWO_FACTOR_REQUIRED_FOR: setting(
    'none',
    'none or administrators: of whom a second factor is required; without one they may sign in only to set it up',
    oneOf('none', 'administrators'),
  ),
  BACKEND_CORS_ORIGINS: setting('', 'comma-separated origins of web clients; * is refused in production', origins),
  TRUSTED_PROXIES: setting(
    '',
    'comma-separated addresses or networks; only from these X-Forwarded-For and -Proto count',
    proxies,
  ),
  RATE_LIMIT_PER_MINUTE: setting('100', 'requests a minute of one client', integer(1, 10_000_000)),
  AUTH_RATE_LIMIT_PER_MINUTE: setting(
    '5',
    'requests a minute on each sign-in, code and password endpoint, of one address and of one account',
    integer(1, 10_000_000),
  ),
  SOCKET_FRAMES_PER_MINUTE: setting(
    null,
    'frames a minute of one person, and of one socket; six times RATE_LIMIT_PER_MINUTE',
    integer(1, 10_000_000),
  ),
  SOCKETS_PER_PERSON: setting('1000', 'open sockets of one person on one process', integer(1, 100_000)),
  SOCKETS_PER_ADDRESS: setting('2000', 'open sockets of one address on one process', integer(1, 100_000)),
  SOCKETS_PER_PROCESS: setting('10000', 'open sockets of one process', integer(1, 1_000_000)),
  SOCKET_HEARTBEAT_SECONDS: setting(
    '30',
    'how often a socket is asked whether it is still there; two questions without an answer close it',
    integer(1, 300),
  ),
  INVITATIONS_PER_DAY: setting('100', 'invitations that one person sends in 24 hours', integer(1, 1_000_000)),
  GUEST_MAILS_PER_DAY: setting(
    '200',
    'bookings that one person makes in 24 hours for guests who are mailed',
    integer(1, 1_000_000),
  ),
  METRICS_TOKEN: setting(
    null,
    'the bearer token that /metrics asks for; without it /metrics answers on this machine only, and not through a proxy',
    metricsToken,
  ),
  DEMO: setting(null, 'fill a new database with demo data; true in development, refused in production', flag),
  TIME_ZONE: setting('UTC', 'the zone of the daily and weekly jobs', timeZone),
  DEFAULT_CURRENCY: setting('USD', 'the ISO 4217 currency of prices that name none', currency),
  HOLD_MINUTES: setting('30', 'how long an unpaid booking holds its time', integer(1, 1440)),
  PLATFORM_FEE_PERCENT: setting('10', 'what the platform keeps of each payment, in percent', percent),
  PAYOUT_DELAY_DAYS: setting('2', 'days from the end of a booking until its money can be withdrawn', integer(0, 365)),
  STRIPE_SECRET_KEY: setting(
    null,
    'the secret key of Stripe; without it development pays in the built-in sandbox and production has no online payment',
    text,
  ),
  STRIPE_WEBHOOK_SECRET: setting(
    null,
    'the signing secret of the Stripe webhook, required with the key; without it every webhook is refused',
    text,
  ),
  STRIPE_API_BASE: setting('https://api.stripe.com', 'where the API of Stripe is', url('http:', 'https:')),
  CLAMD_HOST: setting(
    null,
    'the host of ClamAV, which then looks into private files; without it nothing is scanned for viruses',
    text,
  ),
  CLAMD_PORT: setting('3310', 'the port of clamd; its StreamMaxLength must be at least 25M', integer(1, 65535)),
  VERIFICATION_REQUIRES: setting(
    'identity',
    'comma-separated types of documents (identity, certificate, licence, insurance, tax): a provider is verified while one of each is approved',
    documentTypes,
  ),
  UPLOAD_MB_PER_DAY: setting('500', 'megabytes that one person may upload a day', integer(1, 1_000_000)),
  UPLOAD_MB_TOTAL: setting('5000', 'megabytes of private files that are kept for one person', integer(1, 10_000_000)),
  MINIO_ENDPOINT: setting(
    null,
    'where MinIO or another S3 is: host:port or a URL; without it files are kept in DATA_DIR, which one node alone can do',
    storeEndpoint,
  ),
  MINIO_ACCESS_KEY: setting(null, 'the access key of S3, required with MINIO_ENDPOINT', text),
  MINIO_SECRET_KEY: setting(null, 'the secret key of S3, required with MINIO_ENDPOINT', text),
  MINIO_USE_SSL: setting(
    null,
    'speak TLS with S3; as the URL of MINIO_ENDPOINT says, else true but for a loopback address',
    flag,
  ),
  MINIO_REGION: setting('us-east-1', 'the region of S3', text),
  MINIO_BUCKET_PREFIX: setting(
    'banister-',
    'stands before the names of the buckets: photos, documents, chat, attachments, exports',
    bucketPrefix,
  ),
  EMAIL_HOST: setting(
    null,
    'the SMTP server; without it mails are kept in the outbox at /dev/mail (development)',
    text,
  ),
  EMAIL_PORT: setting('587', 'the port of the SMTP server; 465 means TLS from the first byte', integer(1, 65535)),
  EMAIL_USE_TLS: setting('true', 'require STARTTLS (or TLS on 465)', flag),
  EMAIL_HOST_USER: setting(null, 'the name to sign in to the SMTP server with', text),
  EMAIL_HOST_PASSWORD: setting(null, 'the password for it', text),
  DEFAULT_FROM_EMAIL: setting('Banister <no-reply@localhost>', 'the sender of mails', mailAddress),
  FIREBASE_CREDENTIALS_FILE: setting(
    null,
    'the JSON file of the service account that may send by Firebase Cloud Messaging; without it nothing is pushed to devices',
    credentialsFile,
  ),
  FCM_API_BASE: setting(
    'https://fcm.googleapis.com',
    'where the API of Firebase Cloud Messaging is',
    url('http:', 'https:'),
  ),
  LOG_LEVEL: setting('info', 'debug, info, warn, error or silent', oneOf('debug', 'info', 'warn', 'error', 'silent')),
}

type Parsed = {
  [K in keyof typeof settings]: ReturnType<(typeof settings)[K]['parse']> | NullDefault<(typeof settings)[K]>
}
type NullDefault<S> = S extends Setting<unknown> ? null : never
type Required = Exclude<
  keyof typeof settings,
  | 'PUBLIC_URL'
  | 'DATABASE_URL'
  | 'REDIS_URL'
  | 'METRICS_TOKEN'
  | 'SECRET_KEY'
  | 'SECRET_KEY_PREVIOUS'
  | 'MANAGEMENT_REGISTRATION'
  | 'DEMO'
  | 'SOCKET_FRAMES_PER_MINUTE'
  | 'CLAMD_HOST'
  | 'MINIO_ENDPOINT'
  | 'MINIO_ACCESS_KEY'
  | 'MINIO_SECRET_KEY'
  | 'MINIO_USE_SSL'
  | 'EMAIL_HOST'
  | 'EMAIL_HOST_USER'
  | 'EMAIL_HOST_PASSWORD'
  | 'STRIPE_SECRET_KEY'
  | 'STRIPE_WEBHOOK_SECRET'
  | 'FIREBASE_CREDENTIALS_FILE'
>

/** The settings as the code reads them: parsed, checked, completed and frozen. */
export type Config = Readonly<
  { [K in Required]: ReturnType<(typeof settings)[K]['parse']> } & {
    [K in Exclude<keyof typeof settings, Required>]: Parsed[K]
  } & { PUBLIC_URL: string; SECRET_KEY: string; MANAGEMENT_REGISTRATION: 'open' | 'closed'; DEMO: boolean } & {
    SOCKET_FRAMES_PER_MINUTE: number
  }
>

/** Settings that are wrong, all of them named; the start ends with this text and exit code 1. */
export class ConfigError extends Error {
  constructor(problems: string[]) {
    super(`These settings are wrong:\n${problems.map((problem) => `  ${problem}`).join('\n')}`)
    this.name = 'ConfigError'
  }
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)

/** What production refuses, each by its name. */
function problemsOfProduction(values: Record<string, unknown>): string[] {
  const problems: string[] = []
  if (values['DEMO'] === true) problems.push('DEMO must not be true in production')
  for (const name of ['SECRET_KEY', 'SECRET_KEY_PREVIOUS']) {
    const weakness = typeof values[name] === 'string' ? weaknessOf(values[name]) : null
    if (weakness !== null)
      problems.push(`${name} must be random in production: ${weakness}; make one with: openssl rand -base64 48`)
  }
  if (values['SECRET_KEY'] === null) problems.push('SECRET_KEY is required in production')
  if (values['PUBLIC_URL'] === null) problems.push('PUBLIC_URL is required in production')
  if (values['DATABASE_URL'] === null)
    problems.push('DATABASE_URL is required in production: the embedded database is for development and small tests')
  if ((values['BACKEND_CORS_ORIGINS'] as string[] | undefined)?.includes('*'))
    problems.push('BACKEND_CORS_ORIGINS must not be * in production')
  const stripe = values['STRIPE_API_BASE']
  if (typeof stripe === 'string' && stripe.startsWith('http:') && !isLoopback(new URL(stripe).hostname))
    problems.push('STRIPE_API_BASE must begin with https:// in production: the secret key goes there')
  const fcm = values['FCM_API_BASE']
  if (typeof fcm === 'string' && fcm.startsWith('http:') && !isLoopback(new URL(fcm).hostname))
    problems.push('FCM_API_BASE must begin with https:// in production: an access token goes there')
  if (values['EMAIL_HOST'] === null)
    problems.push('EMAIL_HOST is required in production: people could not confirm their e-mail')
  return problems
}

/**
 * Reads the settings from the environment, then `.env`, then the defaults; an empty text counts as not set.
 * @throws ConfigError that names every wrong setting at once.
 */
export function loadConfig(env: Record<string, string | undefined>, directory: string): Config {
  const file = path.join(directory, '.env')
  const dotenv = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {}
  const values: Record<string, unknown> = {}
  const problems: string[] = []
  for (const [name, { default: fallback, parse }] of Object.entries(settings) as [string, Setting<unknown>][]) {
    const raw =
      [env[name], dotenv[name]].find((value) => value !== undefined && value.trim() !== '')?.trim() ?? fallback
    try {
      values[name] = raw === null ? null : parse(raw)
    } catch (error) {
      problems.push(`${name} ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  if (typeof values['SECRET_KEY'] === 'string' && values['SECRET_KEY'].length < 32)
    problems.push('SECRET_KEY must have at least 32 characters')
  if (typeof values['STRIPE_SECRET_KEY'] === 'string' && values['STRIPE_WEBHOOK_SECRET'] === null)
    problems.push('STRIPE_WEBHOOK_SECRET is required with STRIPE_SECRET_KEY: webhooks tell what became of payments')
  problems.push(...problemsOfStore(values))
  if (values['ENVIRONMENT'] === 'production') problems.push(...problemsOfProduction(values))
  if (values['ENVIRONMENT'] === 'development' && typeof values['HOST'] === 'string' && !isLoopback(values['HOST'])) {
    problems.push('HOST must be a loopback address in development: set ENVIRONMENT=production to serve others')
  }
  if (problems.length > 0) throw new ConfigError(problems)

  values['DATA_DIR'] = path.resolve(directory, values['DATA_DIR'] as string)
  values['PUBLIC_URL'] ??= `http://localhost:${String(values['PORT'])}`
  values['SOCKET_FRAMES_PER_MINUTE'] ??= 6 * (values['RATE_LIMIT_PER_MINUTE'] as number)
  if (typeof values['MINIO_ENDPOINT'] === 'string')
    values['MINIO_ENDPOINT'] = storeUrl(values['MINIO_ENDPOINT'], values['MINIO_USE_SSL'] as boolean | null)
  values['DEMO'] ??= values['ENVIRONMENT'] === 'development'
  values['MANAGEMENT_REGISTRATION'] ??= values['ENVIRONMENT'] === 'production' ? 'closed' : 'open'
  values['SECRET_KEY'] ??= developmentSecret(values['DATA_DIR'] as string)
  return Object.freeze(values) as Config
}

/** Can one pay online here? With Stripe's keys, or in the sandbox, which production does not have (SPEC section 4). */
export const hasOnlinePayment = ({ ENVIRONMENT, STRIPE_SECRET_KEY }: Config): boolean =>
  STRIPE_SECRET_KEY !== null || ENVIRONMENT !== 'production'

/** The text of `.env.example`: every setting with its meaning and default. */
export function environmentExample(): string {
  const lines = Object.entries(settings).map(
    ([name, { default: fallback, meaning }]) => `# ${meaning}\n# ${name}=${fallback ?? ''}\n`,
  )
  return `# Every setting, its meaning and its default. Copy to .env and change what you need. Generated: npx banister generate\n\n${lines.join('\n')}`
}
