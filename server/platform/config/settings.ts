import { bucketPrefix, storeEndpoint } from '../files/settings.ts'
import {
  text,
  oneOf,
  integer,
  listenAddress,
  flag,
  url,
  redisUrl,
  metricsToken,
  redisPrefix,
  proxies,
  origins,
  timeZone,
  credentialsFile,
  documentTypes,
  percent,
  currency,
  mailAddress,
} from './readers.ts'

/** A setting: what it is when nobody sets it, what it means, and how its text becomes a value. `parse` throws an Error that says what is wrong. */
export type Setting<T> = { default: string | null; meaning: string; parse: (raw: string) => T }

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
  WORKER_LISTEN: setting(
    null,
    'where a process of `worker` answers health and metrics: a port of this machine, or address:port; without it nowhere',
    listenAddress,
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
