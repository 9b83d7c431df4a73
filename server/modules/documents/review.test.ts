import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse } from '../../../test/support.ts'
import { documentsOf, path } from './support.fixture.ts'

const house = await openHouse({ TIME_ZONE: 'Europe/Kyiv', VERIFICATION_REQUIRES: 'identity,insurance' })
const { call, person, drain, pass } = house
const { put, get, uploaded, reviewer, isVerified, told } = documentsOf(house)
const fields = ({ body }: { body: Record<string, unknown> }) =>
  (body as { error: { details: { field: string }[] } }).error.details.map(({ field }) => field)

test('the queue of reviewers has what waits, oldest first', async () => {
  const [john, jane, boss] = [await person('provider'), await person('provider'), await reviewer()]
  const ids = [await uploaded(john), await uploaded(jane), await uploaded(john)]
  await put(boss, ids[1]!, { status: 'approved' })

  const queue = await call('GET', `${path}?status=pending`, { token: boss.token })
  const all = await call('GET', `${path}?owner_id=${jane.id}`, { token: boss.token })

  assert.deepEqual(
    queue.body['data'].results.map(({ id }: { id: number }) => id),
    [ids[0], ids[2]],
  )
  assert.deepEqual(
    all.body['data'].results.map(({ id }: { id: number }) => id),
    [ids[1]],
  )
})

test('a provider is verified while each required paper is approved, everywhere their profile is shown', async () => {
  const [john, boss] = [await person('provider'), await reviewer()]
  const [identity, insurance] = [await uploaded(john), await uploaded(john, { type: 'insurance' })]
  const found = async (verified: boolean) => {
    await drain()
    const { body } = await call('GET', `/api/v1/public/providers/?verified=${verified}&page_size=100`)
    return body['data'].results.some(({ id }: { id: number }) => id === john.id)
  }

  await put(boss, identity, { status: 'approved' })
  assert.equal(await isVerified(john.id), false)
  const done = await put(boss, insurance, { status: 'approved' })

  assert.equal(done.body['data'].status, 'approved')
  assert.equal(await isVerified(john.id), true)
  assert.deepEqual([await found(true), await found(false)], [true, false])
  const own = await call('GET', '/api/v1/auth/profile/', { token: john.token })
  assert.equal(own.body['data'].provider_profile.is_verified, true)
  assert.deepEqual((await told(john)).filter((kind) => kind === 'document_approved').length, 2)
  await call('DELETE', `${path}${insurance}/`, { token: john.token })
  assert.equal(await isVerified(john.id), false)
  assert.deepEqual([await found(true), await found(false)], [false, true])
})

test('it is taken back by a later rejection, and by a change that asks for a new review', async () => {
  const [john, boss] = [await person('provider'), await reviewer()]
  const [identity, insurance] = [await uploaded(john), await uploaded(john, { type: 'insurance' })]
  const approve = async () => {
    await put(boss, identity, { status: 'approved' })
    await put(boss, insurance, { status: 'approved' })
    assert.equal(await isVerified(john.id), true)
  }

  await approve()
  const rejected = await put(boss, identity, { status: 'rejected', reason: 'The photo is blurred' })
  assert.deepEqual([rejected.body['data'].status, rejected.body['data'].reason], ['rejected', 'The photo is blurred'])
  assert.equal(await isVerified(john.id), false)

  await approve()
  const changed = await put(john, identity, { title: 'New passport' })
  assert.deepEqual([changed.body['data'].status, changed.body['data'].reviewed_at], ['pending', null])
  assert.equal(await isVerified(john.id), false)

  await approve()
  const same = await put(john, identity, { title: 'New passport', type: 'identity' })
  assert.equal(same.body['data'].status, 'approved', 'nothing changed, nothing to review')
})

test('a verdict is whole: a reason for a rejection and none for an approval, from a reviewer and on another’s', async () => {
  const [john, boss] = [await person('provider'), await reviewer()]
  const id = await uploaded(john)

  assert.deepEqual(fields(await put(boss, id, { status: 'rejected' })), ['reason'])
  assert.deepEqual(fields(await put(boss, id, { status: 'approved', reason: 'Fine' })), ['reason'])
  assert.deepEqual(fields(await put(boss, id, { status: 'expired' })), ['status'])
  assert.deepEqual(fields(await put(boss, id, {})), ['status'])
  assert.equal((await put(boss, id, { status: 'approved', title: 'Other' })).status, 403)
  assert.equal((await put(john, id, { status: 'approved' })).status, 403)
  await house.house.db.updateTable('users').set({ role: 'super_admin' }).where('id', '=', john.id).execute()
  assert.equal((await put(john, id, { status: 'approved' })).status, 403)
  assert.equal((await get(boss, id)).body['data'].status, 'pending')
})

test('what reviewers look at and decide is in the audit log', async () => {
  const [john, boss] = [await person('provider'), await reviewer()]
  const id = await uploaded(john)

  await get(boss, id)
  await put(boss, id, { status: 'rejected', reason: 'Blurred' })
  await get(john, id)

  const rows = await house.house.db
    .selectFrom('audit_log')
    .where('target_kind', '=', 'document')
    .where('target_id', '=', String(id))
    .select(['action', 'actor_id', 'after'])
    .orderBy('id')
    .execute()
  assert.deepEqual(rows, [
    { action: 'documents.view', actor_id: boss.id, after: null },
    { action: 'documents.review', actor_id: boss.id, after: { status: 'rejected', reason: 'Blurred' } },
  ])
})

test('a paper holds until the end of its last day in the zone of the installation, and then no more', async () => {
  const [john, boss] = [await person('provider'), await reviewer()]
  const [identity, insurance] = [
    await uploaded(john, { valid_until: '2026-01-13' }),
    await uploaded(john, { type: 'insurance' }),
  ]
  await put(boss, identity, { status: 'approved' })
  await put(boss, insurance, { status: 'approved', valid_until: '2026-06-30' })
  assert.equal(await isVerified(john.id), true)
  const until = Temporal.Instant.from('2026-01-13T21:59:00Z')
  pass({ milliseconds: until.epochMilliseconds - house.ctx().now.epochMilliseconds })
  await house.house.jobs.run('documents.expire')
  assert.equal(await isVerified(john.id), true)

  pass({ minutes: 2 })
  await house.house.jobs.run('documents.expire')
  await house.house.jobs.run('documents.expire')

  assert.equal(await isVerified(john.id), false)
  const { body } = await call('POST', '/api/v1/auth/login/', { json: { email: john.email, password: john.password } })
  const signedIn = { ...john, token: body['data'].access as string }
  assert.equal((await get(signedIn, identity)).body['data'].status, 'expired')
  assert.equal((await told(signedIn)).filter((kind) => kind === 'document_expired').length, 1)
})
