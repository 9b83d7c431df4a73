import { problemsOfStore } from '../files/settings.ts'
import { weaknessOf } from '../secrets.ts'

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
  for (const name of ['GOOGLE_API_BASE', 'GOOGLE_OAUTH_BASE']) {
    const google = values[name]
    if (typeof google === 'string' && google.startsWith('http:') && !isLoopback(new URL(google).hostname))
      problems.push(`${name} must begin with https:// in production: access tokens go there`)
  }
  if (values['EMAIL_HOST'] === null)
    problems.push('EMAIL_HOST is required in production: people could not confirm their e-mail')
  return problems
}

/** What of the settings of backups does not go together. */
function problemsOfBackups(values: Record<string, unknown>): string[] {
  const problems: string[] = []
  for (const name of ['BACKUP_KEY', 'BACKUP_KEY_PREVIOUS']) {
    const key = values[name]
    if (typeof key !== 'string') continue
    if (key.length < 32) problems.push(`${name} must have at least 32 characters`)
    const weakness = values['ENVIRONMENT'] === 'production' ? weaknessOf(key) : null
    if (weakness !== null)
      problems.push(`${name} must be random in production: ${weakness}; make one with: openssl rand -base64 48`)
  }
  if (values['BACKUP_S3_BUCKET'] && values['MINIO_ENDPOINT'] === null)
    problems.push('MINIO_ENDPOINT is required with BACKUP_S3_BUCKET: it says where S3 is')
  if (values['BACKUP_GOOGLE_FOLDER'] && values['GOOGLE_SERVICE_ACCOUNT_FILE'] === null)
    problems.push(
      'GOOGLE_SERVICE_ACCOUNT_FILE is required with BACKUP_GOOGLE_FOLDER: backups are put there by a service account',
    )
  return problems
}

/** What of the settings does not go together, each by its name. */
export function problemsOf(values: Record<string, unknown>): string[] {
  const problems: string[] = []
  if (typeof values['SECRET_KEY'] === 'string' && values['SECRET_KEY'].length < 32)
    problems.push('SECRET_KEY must have at least 32 characters')
  if (typeof values['STRIPE_SECRET_KEY'] === 'string' && values['STRIPE_WEBHOOK_SECRET'] === null)
    problems.push('STRIPE_WEBHOOK_SECRET is required with STRIPE_SECRET_KEY: webhooks tell what became of payments')
  if ((values['GOOGLE_CLIENT_ID'] === null) !== (values['GOOGLE_CLIENT_SECRET'] === null))
    problems.push('GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET are set together: neither serves without the other')
  if (values['GOOGLE_SERVICE_ACCOUNT_SUBJECT'] !== null && values['GOOGLE_SERVICE_ACCOUNT_FILE'] === null)
    problems.push('GOOGLE_SERVICE_ACCOUNT_SUBJECT needs GOOGLE_SERVICE_ACCOUNT_FILE: who acts in that name')
  problems.push(...problemsOfStore(values), ...problemsOfBackups(values))
  if (values['ENVIRONMENT'] === 'production') problems.push(...problemsOfProduction(values))
  if (values['ENVIRONMENT'] === 'development' && typeof values['HOST'] === 'string' && !isLoopback(values['HOST'])) {
    problems.push('HOST must be a loopback address in development: set ENVIRONMENT=production to serve others')
  }
  const watched = values['WORKER_LISTEN'] as { host: string } | null | undefined
  if (values['ENVIRONMENT'] === 'development' && watched && !isLoopback(watched.host))
    problems.push('WORKER_LISTEN must be on a loopback address in development')
  return problems
}
