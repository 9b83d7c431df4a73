import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listSlots } from './slots.ts'
import { queryOf, slotCases, textOf } from './vectors/slots.ts'

test('every case of the vectors is answered to the letter', () => {
  const cases = slotCases()
  assert.ok(cases.length >= 90)
  for (const { id, query, expected } of cases) assert.deepEqual(listSlots(queryOf(query)).map(textOf), expected, id)
})
