import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, type Answer } from '../../../test/support.ts'

const { call, person, ctx } = await openHouse()

const body = {
  email: 'john@example.com',
  password: 'password123',
  confirm_password: 'password123',
  first_name: 'John',
  last_name: 'Doe',
  phone: '(555) 123-4567',
}
const register = (path: string, json: object) => call('POST', `/api/v1/auth/register/${path}`, { json })
const fieldsOf = (answer: Answer): string[] =>
  answer.body['error'].details.map(({ field }: { field: string }) => field).toSorted()

test('each role registers at its own endpoint and is greeted as documented', async () => {
  for (const [path, role, message] of [
    ['customer/', 'customer', 'Customer registered successfully'],
    ['provider/', 'provider', 'Provider registered successfully'],
    ['management/', 'management', 'Manager registered successfully'],
  ] as const) {
    const made = await register(path, { ...body, email: `${role}@example.com` })

    assert.equal(made.status, 201, made.text)
    assert.equal(made.body['message'], message)
    const user = made.body['data']
    assert.equal(user.role, role)
    assert.equal(user.phone, '(555) 123-4567')
    assert.equal(user.email_confirmed, false)
    assert.equal(user.provider_profile !== null, role === 'provider')
  }
})

test('the short form takes a full name, needs no repeated password, and makes a customer unless a provider is asked for', async () => {
  const customer = await register('', {
    email: 'cher@example.com',
    password: 'password123',
    full_name: 'Cher Bono Smith',
  })
  const provider = await register('', { ...body, email: 'pro@example.com', role: 'provider' })

  assert.equal(customer.status, 201, customer.text)
  assert.equal(customer.body['data'].role, 'customer')
  assert.deepEqual(
    [customer.body['data'].profile.first_name, customer.body['data'].profile.last_name],
    ['Cher Bono', 'Smith'],
  )
  assert.equal(provider.body['message'], 'Provider registered successfully')
})

test('nobody registers themselves as an administrator', async () => {
  for (const role of ['management', 'admin', 'super_admin', 'accountant', 'owner']) {
    const refused = await register('', { ...body, email: 'x@example.com', role })

    assert.equal(refused.status, 400)
    assert.deepEqual(fieldsOf(refused), ['role'])
  }
})

test('fields that are not offered change nothing', async () => {
  const made = await register('customer/', {
    ...body,
    email: 'mass@example.com',
    id: 77,
    role: 'super_admin',
    is_active: false,
    email_confirmed: true,
    permissions: ['user_management'],
    provider_profile: { rating: 5 },
  })

  const user = made.body['data']
  assert.notEqual(user.id, 77)
  assert.deepEqual([user.role, user.is_active, user.email_confirmed], ['customer', true, false])
  assert.equal(user.provider_profile, null)
})

test('all that is wrong is told at once: what has a wrong shape, and what breaks a rule', async () => {
  const refused = await register('customer/', {
    email: 'no-address',
    password: 'password123',
    confirm_password: 'password124',
    first_name: 5,
    phone: 'call me',
  })

  assert.equal(refused.status, 400)
  assert.equal(refused.body['error'].error_number, 'VALIDATION_ERROR')
  assert.deepEqual(fieldsOf(refused), ['confirm_password', 'email', 'first_name', 'last_name', 'phone'])
})

test('a password is at least 8 characters and not the e-mail', async () => {
  const short = await register('customer/', {
    ...body,
    email: 's@example.com',
    password: 'seven77',
    confirm_password: 'seven77',
  })
  const same = await register('customer/', {
    ...body,
    email: 'same@example.com',
    password: 'SAME@example.com',
    confirm_password: 'SAME@example.com',
  })

  assert.deepEqual(fieldsOf(short), ['confirm_password', 'password'])
  assert.deepEqual(fieldsOf(same), ['password'])
})

test('an e-mail is taken whatever its case, and of two at once one gets it', async () => {
  const { email } = await person('customer')

  const upper = await register('provider/', { ...body, email: email.toUpperCase() })
  const race = await Promise.all(
    ['Race@Example.com', 'race@example.com'].map((mail) => register('customer/', { ...body, email: mail })),
  )

  assert.equal(upper.status, 409)
  assert.equal(upper.body['error'].error_number, 'CONFLICT')
  assert.deepEqual(
    race.map(({ status }) => status).toSorted((a, b) => a - b),
    [201, 409],
  )
})

test('the password is kept as Argon2id and never answered', async () => {
  const made = await register('customer/', { ...body, email: 'secret@example.com' })

  const { password_hash } = await ctx()
    .db.selectFrom('users')
    .where('email', '=', 'secret@example.com')
    .select('password_hash')
    .executeTakeFirstOrThrow()
  assert.match(password_hash ?? '', /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  assert.ok(!made.text.includes('argon2') && !made.text.includes('password123'))
})

test('what is wrong is said in the asker’s language, with its rule and values beside it', async () => {
  const refused = await call('POST', '/api/v1/auth/register/', {
    json: { email: 'x@example.com', password: 'short', full_name: 'X', phone: 'junk' },
    headers: { 'accept-language': 'uk' },
  })

  assert.deepEqual(refused.body['error'].details, [
    { field: 'password', message: 'Мінімум символів: 8', params: { limit: 8 }, rule: 'minLength' },
    { field: 'phone', message: 'Неправильний номер телефону', rule: 'phone' },
  ])
})
