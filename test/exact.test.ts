import assert from 'node:assert/strict'
import { test } from 'node:test'
import stringifierOf from 'fast-json-stringify'
import { offer, openHours } from '../server/modules/bookings/support.fixture.ts'
import type { AnyOperation } from '../server/platform/http/operation.ts'
import { listOf, success } from '../server/platform/http/shapes.ts'
import { askerOf, found, join } from './company.ts'
import { openHouse } from './support.ts'

/** Operations whose answers are written as they are, past their shapes: they must bear nothing that the shape does not have. */

const house = await openHouse()
const ask = askerOf(house)
const operations = house.http.operations.filter(({ exact }) => exact)

/** What is left of an answer by its shape. */
function shaped(operation: AnyOperation, body: unknown): unknown {
  const shape = success(operation.list ? listOf(operation.data) : operation.data)
  return JSON.parse(stringifierOf(shape as never)(body))
}

const admin = await house.person()
const organization_id = await found(house, admin, 'Salon')
const master = await join(house, organization_id, admin, 'employee', {}, await house.person('provider'))
const room = await ask('POST', 'rooms/', admin, { name: 'Blue', capacity: 4, organization_id })
await openHours(house, master)
const own = await offer(house, master, {
  title: 'Lesson',
  deposit: 10,
  cancellation_policy: [{ hours_before: 24, refund_percent: 50 }],
})
const salons = await offer(house, admin, {
  title: 'Group',
  organization_id,
  staff: [master.id],
  room_ids: [room.body['data'].id],
  capacity: 3,
})

const questions: Record<string, string[]> = {
  '/services/': ['services/', 'services/?search=lesson', `services/?organization=${organization_id}`],
  '/public/services/': ['public/services/'],
  '/services/{id}/': [`services/${own}/`, `services/${salons}/`],
  '/providers/': ['providers/'],
  '/providers/{id}/': [`providers/${master.id}/`],
  '/public/providers/': ['public/providers/', 'public/providers/?search=jane'],
  '/public/providers/{id}/': [`public/providers/${master.id}/`],
  '/services/{id}/slots/': [own, salons].flatMap((id) => [
    `services/${id}/slots/?from=2026-01-13&to=2026-01-14`,
    `services/${id}/slots/?from=2026-01-13&to=2026-01-14&time_zone=America/St_Johns&explain=true`,
  ]),
}

test('every operation that is written as it is has questions here', () => {
  assert.deepEqual(operations.map(({ path }) => path).toSorted(), Object.keys(questions).toSorted())
})

for (const operation of operations)
  test(`${operation.method} ${operation.path} answers exactly its shape`, async () => {
    for (const question of questions[operation.path]!)
      for (const person of question.includes('explain')
        ? [question.includes(`/${own}/`) ? master : admin]
        : [...(operation.who === 'public' ? [undefined] : []), master, admin]) {
        const answer = await house.call('GET', `/api/v1/${question}`, person ? { token: person.token } : {})
        assert.equal(answer.status, 200, answer.text)
        if (operation.list) assert.ok(answer.body['data'].results.length > 0, question)
        assert.deepEqual(shaped(operation, answer.body), answer.body)
      }
  })
