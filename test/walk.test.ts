import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { roles, type Role } from '../server/platform/context.ts'
import { documentOf, faultOf, neededQuery, pathWith, unknownId, type Described, type Schema } from './document.ts'
import { openHouse, type Answer, type CallOptions, type Person } from './support.ts'

/** Walks every operation of the document, so that whatever is added is walked as well. */
const house = await openHouse()
const { operations } = await documentOf(house)
const nameOf = ({ method, path }: Described): string => `${method} ${path}`
const finds: string[] = []

/** Calls an operation and notes what is wrong with any answer. */
async function call(operation: Described, path: string, options: CallOptions = {}): Promise<Answer> {
  const answer = await house.call(operation.method, path, options)
  const fault = faultOf(answer)
  if (fault) finds.push(`${nameOf(operation)} ${fault}: ${answer.text.slice(0, 300)}`)
  return answer
}

const codeOf = ({ status, body }: Answer): string => `${status} ${body['error']?.error_number ?? ''}`.trim()

/** Names of the operations whose answer is another than wanted, with that answer. */
async function differing(
  some: Described[],
  wanted: string,
  ask: (operation: Described) => Promise<Answer>,
): Promise<string[]> {
  const wrong: string[] = []
  for (const operation of some) {
    const code = codeOf(await ask(operation))
    if (code !== wanted) wrong.push(`${nameOf(operation)}: ${code}`)
  }
  return wrong
}

const withToken = operations.filter(({ isPublic }) => !isPublic)
/** What streams until the client leaves is not called with success. */
const ending = operations.filter(({ type }) => type !== 'text/event-stream')

const people = new Map<Role, Person>()
async function personOf(role: Role): Promise<Person> {
  const known = people.get(role)
  if (known && (await house.call('GET', '/api/v1/auth/me/', { token: known.token })).status === 200) return known
  const person = await house.person(role)
  people.set(role, person)
  return person
}

/** May this role call it without a membership, as far as the document tells? An accountant holds three permissions from the start, the others none. */
function isOpenTo({ who }: Described, role: Role): boolean {
  const administrative = role !== 'customer' && role !== 'provider'
  if (who === 'public' || who === 'any') return true
  if (Array.isArray(who)) return who.includes(role)
  if (who === 'admin') return administrative
  const held = ['payment_management', 'withdrawal_management', 'financial_reports']
  const [whom = ''] = who.split('|')
  if (!whom.startsWith('admin:')) return role === whom
  return role === 'super_admin' || (role === 'accountant' && held.includes(whom.slice('admin:'.length)))
}

const firstRole = (operation: Described): Role =>
  (['provider', 'super_admin', ...roles] as Role[]).find((role) => isOpenTo(operation, role))!

test('There is something to walk', () => {
  assert.ok(withToken.length > 20 && operations.length > withToken.length)
})

test('Nobody passes without a token, but where it says so; with and without the slash, with and without the version', async () => {
  const open = await differing(withToken, '401 TOKEN_MISSING', (operation) =>
    call(operation, pathWith(operation, unknownId)),
  )
  const bare = await differing(withToken, '401 TOKEN_MISSING', (operation) =>
    call(operation, pathWith(operation, unknownId).replace(/\/$/, '').replace('/api/v1/', '/api/')),
  )
  const closed = operations.filter(({ isPublic, type }) => isPublic && type !== 'text/event-stream')
  const refused: string[] = []
  for (const operation of closed) {
    const answer = await call(operation, pathWith(operation, unknownId))
    if (codeOf(answer) === '401 TOKEN_MISSING') refused.push(nameOf(operation))
  }

  assert.deepEqual([open, bare, refused], [[], [], []])
})

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const sign = (text: string, key: string, hash = 'sha256'): string =>
  `${text}.${createHmac(hash, key).update(text).digest('base64url')}`

test('No token that is forged, expired, ended or of another kind opens anything', async () => {
  const late = await house.person()
  house.pass({ minutes: 31 })
  const gone = await house.person()
  await house.call('POST', '/api/v1/auth/logout/', { token: gone.token })
  const { token, refresh } = await house.person('super_admin')
  const [header, payload, signature] = token.split('.') as [string, string, string]
  const other = encode({ ...(JSON.parse(Buffer.from(payload, 'base64url').toString()) as object), sub: '1', sid: 1 })
  const tokens = {
    expired: late.token,
    'signed out': gone.token,
    'of somebody else': `${header}.${other}.${signature}`,
    'without a signature': `${encode({ alg: 'none', typ: 'JWT' })}.${payload}.`,
    'of another key': sign(`${header}.${payload}`, 'secret'),
    'of an empty key': sign(`${encode({ alg: 'HS512', typ: 'JWT' })}.${payload}`, '', 'sha512'),
    'a refresh token': refresh,
    garbage: 'x'.repeat(3000),
  }

  for (const [kind, bad] of Object.entries(tokens)) {
    const wrong = await differing(withToken, '401 AUTHENTICATION_FAILED', (operation) =>
      call(operation, pathWith(operation, unknownId), { token: bad }),
    )
    assert.deepEqual(wrong, [], kind)
  }
})

test('Each role is refused what the document does not open to it', async () => {
  const wrong: string[] = []
  for (const role of roles) {
    for (const operation of withToken) {
      const { token } = await personOf(role)
      const open = isOpenTo(operation, role)
      if (open && (!ending.includes(operation) || operation.method !== 'GET')) continue
      const code = codeOf(await call(operation, pathWith(operation, unknownId), { token }))
      if (open ? code.startsWith('401') : code !== '403 PERMISSION_DENIED')
        wrong.push(`${role}: ${nameOf(operation)}: ${code}`)
    }
  }

  assert.deepEqual(wrong, [])
})

const isRefused = async (operation: Described, token: string): Promise<boolean> =>
  (await call(operation, pathWith(operation, unknownId), { token })).status === 403

test('A membership opens what the document opens to members, and the membership of an admin what it opens to admins', async () => {
  const { token: founder } = await house.person('customer')
  const employee = await house.person('customer')
  const made = await house.call('POST', '/api/v1/organizations/', { token: founder, json: { name: 'Walkers' } })
  const json = { email: employee.email }
  await house.call('POST', `/api/v1/organizations/${made.body['data'].id}/invitations/`, { token: founder, json })
  await house
    .ctx()
    .db.updateTable('users')
    .set({ email_confirmed_at: house.ctx().now })
    .where('id', '=', employee.id)
    .execute()
  const open = await house.call('GET', '/api/v1/organizations/invitations/', { token: employee.token })
  const accepted = await house.call('POST', '/api/v1/organizations/invitations/accept/', {
    token: employee.token,
    json: { invitation_id: open.body['data'].results[0].id },
  })
  const forMembers = withToken.filter(({ who }) => typeof who === 'string' && who.includes('|'))

  const wrong: string[] = []
  for (const operation of forMembers) {
    if (await isRefused(operation, founder)) wrong.push(`admin: ${nameOf(operation)}`)
    if ((await isRefused(operation, employee.token)) !== String(operation.who).endsWith('|org:admin'))
      wrong.push(`employee: ${nameOf(operation)}`)
  }

  assert.deepEqual([accepted.status, forMembers.length > 5, wrong], [200, true, []])
})

const wrongIds = (schema: Schema): string[] =>
  schema['type'] === 'integer'
    ? [
        '0',
        '-1',
        '1.5',
        '1e3',
        '0x10',
        '007',
        '%201',
        'abc',
        '9007199254740993',
        '99999999999999999999999',
        '%00',
        '1%27--',
      ]
    : schema['format'] === 'uuid'
      ? ['1', 'not-a-uuid', '0199c3a2-7c1e-7b6e-9d0a-00000000000g', '%00', 'a'.repeat(600)]
      : []

test('An id of the wrong shape, or too large, names nothing', async () => {
  const wrong: string[] = []
  for (const operation of operations) {
    const { token } = await personOf(firstRole(operation))
    for (const { name, schema } of operation.ids) {
      for (const bad of wrongIds(schema)) {
        const path = pathWith({ ...operation, path: operation.path.replace(`{${name}}`, bad) }, unknownId)
        const code = codeOf(await call(operation, path, { token }))
        if (code !== '404 NOT_FOUND') wrong.push(`${operation.method} ${path}: ${code}`)
      }
    }
  }

  assert.deepEqual(wrong, [])
})

test('What is not there, or is a stranger’s, is not found', async () => {
  const named = ending.filter(({ ids, isMultipart }) => ids.length > 0 && !isMultipart)

  const wrong = await differing(named, '404 NOT_FOUND', async (operation) =>
    call(operation, pathWith(operation, unknownId) + neededQuery(operation), {
      token: (await personOf(firstRole(operation))).token,
      ...(operation.example === undefined ? {} : { json: operation.example }),
    }),
  )

  assert.deepEqual(wrong, [])
})

test('A method that a path does not have is refused, naming those that it has', async () => {
  const wrong: string[] = []
  const { token } = await personOf('super_admin')
  for (const [path, same] of Map.groupBy(operations, (operation) => operation.path)) {
    const methods = same.map(({ method }) => method)
    for (const method of (['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const).filter(
      (name) => !methods.includes(name),
    )) {
      const answer = await call({ ...same[0]!, method }, pathWith(same[0]!, unknownId), { token })
      const allowed = answer.headers['allow']?.split(', ').filter((name) => name !== 'HEAD')
      if (codeOf(answer) !== '405 METHOD_NOT_ALLOWED' || allowed?.toSorted().join() !== methods.toSorted().join())
        wrong.push(`${method} ${path}: ${codeOf(answer)} ${answer.headers['allow']}`)
    }
  }

  assert.deepEqual(wrong, [])
})

test('HEAD answers as GET without a body, OPTIONS tells nothing but what browsers ask', async () => {
  const wrong: string[] = []
  for (const operation of ending.filter(({ method }) => method === 'GET')) {
    const { token } = await personOf(firstRole(operation))
    const path = pathWith(operation, unknownId)
    const get = await call(operation, path, { token })
    const head = await house.call('HEAD' as 'GET', path, { token })
    const options = await house.call('OPTIONS' as 'GET', path)
    if (head.status !== get.status || faultOf(head, 'HEAD')) wrong.push(`HEAD ${path}: ${head.status}, ${get.status}`)
    if (options.status !== 204 || options.text !== '') wrong.push(`OPTIONS ${path}: ${options.status}`)
  }

  assert.deepEqual(wrong, [])
})

test('Every answer of the walk came in the envelope, with its request id, and told nothing internal', () => {
  assert.deepEqual(finds, [])
})
