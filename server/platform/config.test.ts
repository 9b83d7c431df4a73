import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ConfigError, environmentExample, loadConfig, settings } from './config.ts'
import { weaknessOf } from './secrets.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folders: string[] = []
after(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })))
function newFolder(dotenv?: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'banister-config-'))
  folders.push(folder)
  if (dotenv !== undefined) writeFileSync(path.join(folder, '.env'), dotenv)
  return folder
}
const problemsOf = (env: Record<string, string>): string => {
  try {
    loadConfig(env, newFolder())
    return ''
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    return error.message
  }
}

const production = {
  ENVIRONMENT: 'production',
  HOST: '0.0.0.0',
  SECRET_KEY: 'mR7vK2pXq9LwT4bZs8Nc1HdY6JfG3aQe',
  PUBLIC_URL: 'https://banister.example.com',
  DATABASE_URL: 'postgres://banister@db.example.com/banister',
  EMAIL_HOST: 'smtp.example.com',
}

test('Every wrong setting is named at once, with what it must be', () => {
  const wrong = {
    PORT: '80000',
    LOG_LEVEL: 'loud',
    EMAIL_USE_TLS: 'maybe',
    TIME_ZONE: 'Mars/Base',
    DATABASE_URL: 'mysql://x',
    BACKEND_CORS_ORIGINS: 'https://a.example.com/path',
    SECRET_KEY: 'short',
    RATE_LIMIT_PER_MINUTE: '-1',
    TRUSTED_PROXIES: '10.0.0.0/8, 0.0.0.0/0',
    DEFAULT_FROM_EMAIL: 'a@example.com\nBcc: b@example.com',
    HOST: '0.0.0.0',
  }

  const message = problemsOf(wrong)

  for (const name of Object.keys(wrong)) assert.match(message, new RegExp(`^  ${name} `, 'm'))
  assert.match(message, /PORT must be a whole number from 0 to 65535/)
})

test('The start ends with that message, exit code 1 and no stack', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(root, 'server/main.ts'), 'start'], {
    encoding: 'utf8',
    cwd: newFolder(),
    env: { PATH: '/usr/bin', PORT: 'eighty', LOG_LEVEL: 'loud' },
  })

  assert.equal(status, 1)
  assert.equal(
    stderr,
    'These settings are wrong:\n  PORT must be a whole number from 0 to 65535\n  LOG_LEVEL must be one of debug, info, warn, error, silent\n',
  )
  assert.equal(stdout, '')
})

test('Production starts with what it needs, closed where development is open', () => {
  const config = loadConfig(production, newFolder())

  assert.equal(config.MANAGEMENT_REGISTRATION, 'closed')
  assert.equal(config.PUBLIC_URL, 'https://banister.example.com')
  assert.ok(Object.isFrozen(config))
})

for (const name of ['SECRET_KEY', 'PUBLIC_URL', 'DATABASE_URL', 'EMAIL_HOST'] as const) {
  test(`Production refuses to start without ${name}, and says so`, () => {
    assert.match(problemsOf({ ...production, [name]: '' }), new RegExp(`^  ${name} is required in production`, 'm'))
  })
}

test('Production names what is wrong and what is missing together', () => {
  const message = problemsOf({ ENVIRONMENT: 'production', HOST: '0.0.0.0', PORT: 'eighty', BACKEND_CORS_ORIGINS: '/' })

  for (const name of ['PORT', 'BACKEND_CORS_ORIGINS', 'SECRET_KEY', 'PUBLIC_URL', 'DATABASE_URL', 'EMAIL_HOST'])
    assert.match(message, new RegExp(`^  ${name} `, 'm'))
})

test('Production refuses every origin and a short secret', () => {
  assert.match(
    problemsOf({ ...production, BACKEND_CORS_ORIGINS: '*' }),
    /BACKEND_CORS_ORIGINS must not be \* in production/,
  )
  assert.match(
    problemsOf({ ...production, STRIPE_API_BASE: 'http://stripe.example.com' }),
    /STRIPE_API_BASE must begin with https:\/\/ in production/,
  )
  assert.match(problemsOf({ ...production, SECRET_KEY: 'x'.repeat(31) }), /SECRET_KEY must have at least 32 characters/)
})

test('Development serves nobody but this machine', () => {
  assert.match(problemsOf({ HOST: '0.0.0.0' }), /HOST must be a loopback address/)
  for (const HOST of ['127.0.0.1', '127.1.2.3', '::1', 'localhost']) assert.equal(problemsOf({ HOST }), '')
})

test('The environment goes before .env, and .env before the defaults; what is empty is not set', () => {
  const folder = newFolder('PORT=8100\nLOG_LEVEL="warn"\nTIME_ZONE=Europe/Kyiv\n')

  const config = loadConfig({ PORT: '8200', LOG_LEVEL: ' ' }, folder)

  assert.deepEqual(
    [config.PORT, config.LOG_LEVEL, config.TIME_ZONE, config.EMAIL_PORT],
    [8200, 'warn', 'Europe/Kyiv', 587],
  )
  assert.equal(config.PUBLIC_URL, 'http://localhost:8200')
})

test('Development keeps a secret of its own, for its owner only, the same at every start', () => {
  const folder = newFolder()

  const first = loadConfig({ DATA_DIR: 'data' }, folder)
  const second = loadConfig({ DATA_DIR: 'data' }, folder)
  const elsewhere = loadConfig({ DATA_DIR: 'other' }, folder)

  assert.equal(first.SECRET_KEY, second.SECRET_KEY)
  assert.notEqual(first.SECRET_KEY, elsewhere.SECRET_KEY)
  assert.ok(first.SECRET_KEY.length >= 32)
  assert.equal(statSync(path.join(folder, 'data', 'secret_key')).mode & 0o777, 0o600)
})

test('.env.example names every setting with its default, and is fresh', () => {
  const text = readFileSync(path.join(root, '.env.example'), 'utf8')

  assert.equal(text, environmentExample())
  for (const name of Object.keys(settings)) assert.match(text, new RegExp(`^# ${name}=`, 'm'))
})

test('Proxies are addresses, networks, or the names of some', () => {
  const proxies = '10.0.0.0/8, 192.0.2.1, 2001:db8::/32, loopback'
  const wrong = ['proxy.example.com', '10.0.0.0/33', '10.0.0.0/8/8', '*', '::/0']

  const { TRUSTED_PROXIES } = loadConfig({ TRUSTED_PROXIES: proxies }, newFolder())
  const told = wrong.map((proxy) => problemsOf({ TRUSTED_PROXIES: proxy }))

  assert.deepEqual(TRUSTED_PROXIES, proxies.split(', '))
  told.forEach((message, i) => assert.ok(message.includes(`TRUSTED_PROXIES "${wrong[i]}" is no address`), message))
})

test('production refuses a SECRET_KEY that was typed instead of made, development does not', () => {
  const weak = {
    ['x'.repeat(32)]: 'few different characters',
    ['ab'.repeat(32)]: 'few different characters',
    ['correct-horse-battery-'.repeat(2)]: 'again and again',
    '0123456789abcdefghijklmnopqrstuvwxyz': 'a row',
    'please-change-me-before-production!!': 'a placeholder',
    'your-secret-goes-here-0192837465abcd': 'a placeholder',
    'django-insecure-8s7d6f5g4h3j2k1l0zxc': 'a placeholder',
  }
  for (const [key, why] of Object.entries(weak)) {
    assert.match(problemsOf({ ...production, SECRET_KEY: key }), new RegExp(`SECRET_KEY must be random.*${why}`), key)
    assert.equal(problemsOf({ SECRET_KEY: key }), '', key)
  }
  assert.match(problemsOf({ ...production, SECRET_KEY_PREVIOUS: 'x'.repeat(40) }), /SECRET_KEY_PREVIOUS must be random/)
})

test('no SECRET_KEY that was made at random is refused', () => {
  for (let i = 0; i < 2000; i++) {
    for (const encoding of ['hex', 'base64', 'base64url'] as const)
      assert.equal(weaknessOf(randomBytes(encoding === 'hex' ? 16 : 24).toString(encoding)), null)
  }
})

const minio = { MINIO_ENDPOINT: 'minio:9000', MINIO_ACCESS_KEY: 'access', MINIO_SECRET_KEY: 'a secret of S3' }

test('S3 needs its keys, and its keys S3; the scheme comes from the URL or from MINIO_USE_SSL', () => {
  assert.equal(problemsOf(minio), '')
  assert.match(
    problemsOf({ MINIO_ENDPOINT: 'minio:9000' }),
    /MINIO_ACCESS_KEY is required.*\n.*MINIO_SECRET_KEY is required/,
  )
  assert.match(problemsOf({ MINIO_ACCESS_KEY: 'access' }), /MINIO_ENDPOINT is required with MINIO_ACCESS_KEY/)
  for (const MINIO_ENDPOINT of [
    'https://s3.example.com/bucket',
    'ftp://s3',
    'a b',
    'user@host',
    'http://u:p@host',
    '/x',
  ])
    assert.match(problemsOf({ ...minio, MINIO_ENDPOINT }), /MINIO_ENDPOINT must be a host/, MINIO_ENDPOINT)
  assert.match(
    problemsOf({ ...minio, MINIO_ENDPOINT: 'http://minio:9000', MINIO_USE_SSL: 'true' }),
    /MINIO_USE_SSL must not be true where MINIO_ENDPOINT begins with http:/,
  )
  assert.match(problemsOf({ ...minio, MINIO_BUCKET_PREFIX: 'Ban_' }), /MINIO_BUCKET_PREFIX must be small letters/)
  const endpointOf = (env: Record<string, string>) => loadConfig({ ...minio, ...env }, newFolder()).MINIO_ENDPOINT
  assert.deepEqual(
    [
      endpointOf({}),
      endpointOf({ MINIO_USE_SSL: 'false' }),
      endpointOf({ MINIO_ENDPOINT: 'localhost:9000' }),
      endpointOf({ MINIO_ENDPOINT: '[::1]:9000' }),
      endpointOf({ MINIO_ENDPOINT: 'https://s3.example.com/' }),
    ],
    ['https://minio:9000', 'http://minio:9000', 'http://localhost:9000', 'http://[::1]:9000', 'https://s3.example.com'],
  )
  assert.match(problemsOf({ ...production, ...minio, MINIO_SECRET_KEY: 'minioadmin' }), /must not be minioadmin/)
})

const given = (WORKER_LISTEN: string) => loadConfig({ WORKER_LISTEN, ...production }, newFolder()).WORKER_LISTEN

test('Where a worker tells its health is a port of this machine, or an address with one', () => {
  assert.deepEqual(given('9464'), { host: '127.0.0.1', port: 9464 })
  assert.deepEqual(given('0.0.0.0:9464'), { host: '0.0.0.0', port: 9464 })
  assert.deepEqual(given('[::1]:80'), { host: '::1', port: 80 })
  assert.equal(given(''), null)
  for (const wrong of ['0', '70000', 'host', 'a:b:1', '1.2.3.4:', 'http://x:1'])
    assert.match(problemsOf({ WORKER_LISTEN: wrong }), /WORKER_LISTEN must be a port/, wrong)
  assert.match(problemsOf({ WORKER_LISTEN: '0.0.0.0:9464' }), /WORKER_LISTEN must be on a loopback address/)
})
