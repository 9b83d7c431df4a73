import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { parseEnv } from 'node:util'
import { problemsOf } from './config/checks.ts'
import { settings, type Setting } from './config/settings.ts'
import { storeUrl } from './files/settings.ts'
import { developmentSecret } from './secrets.ts'

export { settings }

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
  | 'WORKER_LISTEN'
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
  | 'BACKUP_DIR'
  | 'BACKUP_S3_BUCKET'
  | 'BACKUP_GOOGLE_FOLDER'
  | 'BACKUP_KEY'
  | 'BACKUP_KEY_PREVIOUS'
  | 'EMAIL_HOST'
  | 'EMAIL_HOST_USER'
  | 'EMAIL_HOST_PASSWORD'
  | 'STRIPE_SECRET_KEY'
  | 'STRIPE_WEBHOOK_SECRET'
  | 'FIREBASE_CREDENTIALS_FILE'
  | 'GOOGLE_SERVICE_ACCOUNT_FILE'
  | 'GOOGLE_SERVICE_ACCOUNT_SUBJECT'
  | 'GOOGLE_CLIENT_ID'
  | 'GOOGLE_CLIENT_SECRET'
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
  problems.push(...problemsOf(values))
  if (problems.length > 0) throw new ConfigError(problems)

  values['DATA_DIR'] = path.resolve(directory, values['DATA_DIR'] as string)
  if (typeof values['BACKUP_DIR'] === 'string') values['BACKUP_DIR'] = path.resolve(directory, values['BACKUP_DIR'])
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
