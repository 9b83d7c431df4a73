import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Type } from 'typebox'
import { bodyValidator, compileValidators } from './validation.ts'

test('a shape compiles at its first use, and one that nobody used is compiled with the rest', async () => {
  const used = bodyValidator(Type.Object({ name: Type.String() }))
  const unused = bodyValidator(Type.Object({ name: Type.String() }))

  assert.equal(used({ name: 'Jane' }), true)
  await compileValidators()

  assert.equal(used({ name: 'Jane' }), true)
  assert.notEqual(unused({}), true)
})

test('a shape that is none is found once the process serves, not only when somebody asks', async () => {
  bodyValidator(Type.Unsafe({ type: 'nonsense' }))

  await assert.rejects(compileValidators(), /schema is invalid/)
  await compileValidators()
})
