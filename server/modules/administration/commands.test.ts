import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import test, { after } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Client } from 'pg'
import { createDatabase } from '../../../test/postgres.ts'

const database = await createDatabase()
const dataDir = mkdtempSync(path.join(tmpdir(), 'banister-console-'))
after(async () => {
  await database.drop()
  rmSync(dataDir, { recursive: true, force: true })
})

type Printed = { code: number | null; out: string; err: string }

/** Runs the console as a person does, on a database without a server beside it; `input` is piped in. */
function banister(args: string[], input = ''): Promise<Printed> {
  return new Promise((resolve) => {
    const program = fileURLToPath(new URL('../../console.ts', import.meta.url))
    const child = spawn(process.execPath, [program, ...args], {
      cwd: dataDir,
      env: { DATABASE_URL: database.url, DATA_DIR: dataDir },
    })
    const printed: Printed = { code: null, out: '', err: '' }
    child.stdout.on('data', (text: Buffer) => (printed.out += text.toString()))
    child.stderr.on('data', (text: Buffer) => (printed.err += text.toString()))
    child.on('close', (code) => resolve({ ...printed, code }))
    child.stdin.end(input)
  })
}

/** The options that a refusal names. */
const named = ({ err }: Printed): string[] =>
  [...err.matchAll(/^ {2}--([\w-]+):/gm)].map(([, name]) => name!).toSorted()

const options = (email: string, name = 'Super', last = 'Administrator'): string[] => [
  '--email',
  email,
  '--first-name',
  name,
  '--last-name',
  last,
]

test('create-superadmin prints the four lines of the sources and nothing else', async () => {
  const args = [...options('superadmin@banister.com'), '--password', 'AdminPass123!', '--phone', '(555) 999-8888']

  const printed = await banister(['create-superadmin', ...args])

  const lines =
    'Super admin created successfully!\nEmail: superadmin@banister.com\nName: Super Administrator\nRole: Super Admin\n'
  assert.deepEqual(printed, { code: 0, out: lines, err: '' })
})

test('The other two commands, underscores, and a password from the standard input', async () => {
  const admin = await banister(
    ['create_admin', ...options('john@banister.com', 'John', 'Admin')],
    'typed-secret\r\nmore\n',
  )
  const accountant = await banister([
    'create-accountant',
    ...options('ann@banister.com', 'Ann', 'Count'),
    '--password=password123',
  ])

  assert.equal(admin.out, 'Admin created successfully!\nEmail: john@banister.com\nName: John Admin\nRole: Admin\n')
  assert.equal(
    accountant.out,
    'Accountant created successfully!\nEmail: ann@banister.com\nName: Ann Count\nRole: Accountant\n',
  )
})

test('A used e-mail is named, in any case of letters, with exit code 1 and no stack', async () => {
  await banister(['create-admin', ...options('used@banister.com'), '--password', 'password123'])

  const again = await banister(['create-superadmin', ...options('Used@Banister.com'), '--password', 'password123'])

  assert.deepEqual([again.code, again.out], [1, ''])
  assert.match(again.err, /^The e-mail Used@Banister\.com is already in use/)
  assert.doesNotMatch(again.err, /\n\s+at /)
})

test('Everything that is missing, wrong or unknown is named at once', async () => {
  const bare = await banister(['create-superadmin'])
  const wrong = await banister([
    'create-superadmin',
    '--email',
    'nobody',
    '--password',
    'short',
    '--frist-name',
    'A',
    '--last-name',
    '',
  ])
  const phone = await banister([
    'create-admin',
    ...options('phone@banister.com'),
    '--password',
    'password123',
    '--phone',
    '12',
  ])

  assert.deepEqual([bare.code, named(bare)], [1, ['email', 'first-name', 'last-name', 'password']])
  assert.deepEqual([wrong.code, named(wrong)], [1, ['email', 'first-name', 'frist-name', 'last-name', 'password']])
  assert.deepEqual([phone.code, named(phone)], [1, ['phone']])
})

test('A password is never empty, too short or the e-mail, however it is given', async () => {
  const codes = [
    await banister(['create-admin', ...options('pass@banister.com')], ''),
    await banister(['create-admin', ...options('pass@banister.com')], 'short\n'),
    await banister(['create-admin', ...options('pass@banister.com')], 'pass@banister.com\n'),
  ]

  assert.deepEqual(
    codes.map(({ code, err }) => [code, /--password: /.test(err)]),
    [
      [1, true],
      [1, true],
      [1, true],
    ],
  )
  assert.match(codes[1]!.err, /--password: This must have at least 8 characters/)
})

test('What was made on the console stands in the audit log, without an actor and without the password', async () => {
  await banister(['create-accountant', ...options('audited@banister.com'), '--password', 'password123'])

  const client = new Client({ connectionString: database.url })
  await client.connect()
  const { rows } = await client.query(
    `SELECT action, actor_id, before, after || value AS after FROM audit_log JOIN audit_people ON audit_id = audit_log.id
      WHERE value->>'email' = 'audited@banister.com'`,
  )
  await client.end()

  const made = {
    email: 'audited@banister.com',
    role: 'accountant',
    phone: null,
    first_name: 'Super',
    last_name: 'Administrator',
  }
  assert.deepEqual(rows, [{ action: 'users.create', actor_id: null, before: null, after: made }])
})

test('help says what every command does, and what is no command is answered with it', async () => {
  const [help, wrong] = await Promise.all([banister(['help']), banister(['no-such-command'])])

  const lines = help.out.trimEnd().split('\n').slice(2)
  assert.ok(lines.length > 20)
  assert.deepEqual(
    lines.filter((line) => !/^ {2}[\w-]+ +\S/.test(line)),
    [],
  )
  assert.deepEqual([wrong.code, wrong.err.endsWith(help.out)], [1, true])
})
