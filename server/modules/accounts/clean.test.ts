import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse } from '../../../test/support.ts'

const house = await openHouse()
const { call, person, pass, drain, ctx } = house

const clean = () => house.house.jobs.run('accounts.clean')
const count = async (table: 'codes' | 'sessions' | 'refresh_tokens' | 'known_addresses'): Promise<number> =>
  (await ctx().db.selectFrom(table).selectAll().execute()).length

test('it runs every night at three', () => {
  const job = house.house.jobs.scheduled().find(({ name }) => name === 'accounts.clean')

  assert.equal(job?.cron, '0 3 * * *')
})

test('what lives is kept, what is over goes: codes, sessions with their tokens, addresses, e-mails never confirmed', async () => {
  const jane = await person()
  const eve = await person()
  await call('PATCH', '/api/v1/auth/profile/', { token: jane.token, json: { email: 'never@example.com' } })
  await call('POST', '/api/v1/auth/logout/', { token: eve.token, json: {} })
  await drain()

  await clean()
  assert.deepEqual(await Promise.all([count('codes'), count('sessions'), count('known_addresses')]), [4, 2, 2])

  // Codes live 15 minutes, links to undo 72 hours; each is kept a day longer.
  pass({ hours: 25 })
  await clean()
  assert.equal(await count('codes'), 1)
  const { pending_email } = await ctx()
    .db.selectFrom('users')
    .where('id', '=', jane.id)
    .select('pending_email')
    .executeTakeFirstOrThrow()
  assert.equal(pending_email, null)

  // Eve's session ended 30 days ago; Jane's lives 30 days and is kept 30 more.
  pass({ hours: 24 * 29 })
  await clean()
  assert.deepEqual([await count('codes'), await count('sessions'), await count('refresh_tokens')], [0, 1, 1])

  pass({ hours: 24 * 31 })
  await clean()
  assert.deepEqual([await count('sessions'), await count('refresh_tokens'), await count('known_addresses')], [0, 0, 2])

  pass({ hours: 24 * 30 })
  await clean()
  assert.equal(await count('known_addresses'), 0)
})
