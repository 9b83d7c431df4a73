import assert from 'node:assert/strict'
import { test } from 'node:test'
import { secondFactorOf } from '../../../test/second-factor.ts'
import { openHouse } from '../../../test/support.ts'
import { createSecrets } from '../../platform/secrets.ts'
import { resealSecrets } from './service/second-factor.ts'

const before = 'kJ8mPz3VqT5wX9bN2cR7dF4gH6jL1sAy'
const now = 'Zx7cVb5nM3qW1eRt9yUi8oPa6sDf4gHj'
const house = await openHouse({ SECRET_KEY: now, SECRET_KEY_PREVIOUS: before })
const { person, ctx } = house
const { codeOf, guard, signIn, complete } = secondFactorOf(house)

test('a second factor outlives a change of SECRET_KEY: with the previous key at once, without it once the night has passed', async () => {
  const jane = await guard(await person())
  const sealed = createSecrets(before, null).seal('second factor', jane.secret, String(jane.id))
  await ctx().db.updateTable('two_factor').set({ secret: sealed }).where('user_id', '=', jane.id).execute()
  const challenge = async (): Promise<string> => (await signIn(jane)).body['data'].challenge

  const atOnce = await complete(await challenge(), { code: codeOf(jane.secret) })
  await resealSecrets(ctx())

  assert.equal(atOnce.status, 200)
  const kept = await ctx()
    .db.selectFrom('two_factor')
    .where('user_id', '=', jane.id)
    .select('secret')
    .executeTakeFirstOrThrow()
  assert.deepEqual(createSecrets(now, null).unseal('second factor', kept.secret, String(jane.id)), {
    text: jane.secret,
    isOld: false,
  })
})

test('when the key is gone for good the recovery codes still let in', async () => {
  const jane = await guard(await person())
  const lost = createSecrets('Qw3eR5tY7uI9oP1aS2dF4gH6jK8lZ0xC', null).seal(
    'second factor',
    jane.secret,
    String(jane.id),
  )
  await ctx().db.updateTable('two_factor').set({ secret: lost }).where('user_id', '=', jane.id).execute()
  const { challenge } = (await signIn(jane)).body['data']

  const byCode = await complete(challenge, { code: codeOf(jane.secret) })
  const byRecoveryCode = await complete(challenge, { recovery_code: jane.recoveryCodes[0] })

  assert.deepEqual([byCode.status, byRecoveryCode.status], [401, 200])
})
