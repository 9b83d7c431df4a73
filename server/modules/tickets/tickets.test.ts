import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Answer } from '../../../test/support.ts'
import { openOffice, refusal, ruleOf } from '../../../test/office.ts'

const { house, ask, hire, open, back, id: office, boss } = await openOffice()
const helper = await hire('it', { first_name: 'Ivan', last_name: 'Helper' })
const worker = await hire('employee', { first_name: 'Ada', last_name: 'Moroz' })
const other = await hire('employee')
const rival = await house.person('provider')
const rivals: string = (await ask('POST', 'organizations/', rival, { name: 'Rivals' })).body['data'].id
const outsider = await house.person('super_admin')

const numbers = ({ body }: Answer): number[] => body['data'].results.map((row: { number: number }) => row.number)
const first = await open(worker, { description: 'In the big room', organization_id: office })

test('A ticket is opened by a member, gets the next number of the organization and is due by its priority', () => {
  const { id, ...row } = first

  assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7/)
  assert.deepEqual(row, {
    organization_id: office,
    number: 1,
    title: 'The lamp is dark',
    description: 'In the big room',
    status: 'open',
    priority: 'normal',
    category: '',
    requester_id: worker.id,
    requester_name: 'Ada Moroz',
    assignee_id: null,
    assignee_name: null,
    due_at: '2026-01-15T08:00:00Z',
    is_overdue: false,
    resolved_at: null,
    closed_at: null,
    attachment_count: 0,
    created_at: '2026-01-12T08:00:00Z',
    updated_at: '2026-01-12T08:00:00Z',
  })
})

test('Twenty tickets opened at once have twenty numbers without a gap', async () => {
  const made = await Promise.all(Array.from({ length: 20 }, () => open(other)))
  const foreign = await open(rival)

  assert.deepEqual(
    made.map(({ number }) => number).toSorted((a, b) => a - b),
    Array.from({ length: 20 }, (_, i) => i + 2),
  )
  assert.equal(foreign['number'], 1)
  for (const { id } of made.slice(1)) await ask('DELETE', `tickets/${id}/`, boss)
})

test('Employees see their own tickets, IT and admins all of the organization, and nobody else any', async () => {
  const foreign = (await ask('GET', 'tickets/', rival)).body['data'].results[0].id
  const seen = [
    numbers(await ask('GET', 'tickets/', worker)).includes(1),
    numbers(await ask('GET', 'tickets/', other)).includes(1),
    numbers(await ask('GET', 'tickets/', helper)).includes(1),
    numbers(await ask('GET', 'tickets/', boss)).length === 2,
  ]

  assert.deepEqual(seen, [true, false, true, true])
  assert.deepEqual(numbers(await ask('GET', 'tickets/', outsider)), [])
  for (const [stranger, id] of [
    [other, first['id']],
    [rival, first['id']],
    [outsider, first['id']],
    [boss, foreign],
  ] as const) {
    const calls = [
      await ask('GET', `tickets/${id}/`, stranger),
      await ask('PUT', `tickets/${id}/`, stranger, { status: 'closed' }),
      await ask('DELETE', `tickets/${id}/`, stranger),
      await ask('GET', `tickets/${id}/comments/`, stranger),
      await ask('POST', `tickets/${id}/comments/`, stranger, { text: 'Hello' }),
      await ask('GET', `tickets/${id}/history/`, stranger),
      await ask('GET', `tickets/${id}/attachments/`, stranger),
    ]
    assert.deepEqual([...new Set(calls.map(refusal))], ['404 NOT_FOUND'])
  }
  const elsewhere = [
    await ask('GET', `tickets/?organization_id=${office}`, rival),
    await ask('POST', 'tickets/', rival, { title: 'Spy', organization_id: office }),
    await ask('GET', `tickets/settings/?organization_id=${office}`, rival),
    await ask('PUT', 'tickets/settings/', rival, { organization_id: office }),
  ]
  assert.deepEqual([...new Set(elsewhere.map(refusal))], ['404 NOT_FOUND'])
  assert.equal(rivals.length, 36)
})

test('A member without access to tickets is refused everything about them', async () => {
  const blind = await hire('employee')
  const own = await open(blind)
  await ask('PUT', `users/${blind.id}/`, boss, { access_tickets: false })

  const calls = [
    await ask('GET', 'tickets/', blind),
    await ask('POST', 'tickets/', blind, { title: 'Hello' }),
    await ask('GET', `tickets/${own['id']}/`, blind),
    await ask('PUT', `tickets/${own['id']}/`, blind, { status: 'closed' }),
    await ask('GET', `tickets/${own['id']}/comments/`, blind),
    await ask('GET', 'tickets/settings/', blind),
  ]

  assert.deepEqual([...new Set(calls.map(refusal))], ['403 PERMISSION_DENIED'])
  assert.equal(refusal(await ask('GET', `tickets/${first['id']}/`, blind)), '404 NOT_FOUND')
})

test('A ticket goes from open over progress to resolved and closed, and open again; the same status changes nothing', async () => {
  const { id } = await open(worker)
  const step = (status: string): Promise<Answer> => ask('PUT', `tickets/${id}/`, helper, { status })

  const progress = await step('in_progress')
  const same = await step('in_progress')
  const resolved = await step('resolved')
  const closed = await step('closed')
  const wrong = await step('in_progress')
  const unknown = await step('sleeping')
  const reopened = await step('open')

  assert.deepEqual(
    [progress, same, resolved, closed].map(({ status, body }) => [status, body['data'].status]),
    [
      [200, 'in_progress'],
      [200, 'in_progress'],
      [200, 'resolved'],
      [200, 'closed'],
    ],
  )
  assert.deepEqual([ruleOf(wrong), unknown.status], ['409 status step', 400])
  assert.equal(closed.body['data'].closed_at, '2026-01-12T08:00:00Z')
  assert.deepEqual([reopened.body['data'].status, reopened.body['data'].closed_at], ['open', null])
})

test('Opened again its time is counted anew, and every change is in the history with who, what, before and after', async () => {
  house.pass({ hours: 5 })
  const [asker, staff] = [await back(worker), await back(helper)]
  const { id } = await open(asker, { priority: 'high' })
  await ask('PUT', `tickets/${id}/`, staff, { assignee_id: helper.id, priority: 'urgent', status: 'in_progress' })
  await ask('PUT', `tickets/${id}/`, staff, { status: 'resolved' })
  await ask('PUT', `tickets/${id}/`, asker, { status: 'open', title: 'It is dark again' })

  const now = await ask('GET', `tickets/${id}/`, asker)
  const history = await ask('GET', `tickets/${id}/history/`, asker)

  assert.deepEqual(
    [now.body['data'].status, now.body['data'].resolved_at, now.body['data'].due_at],
    ['open', null, '2026-01-12T17:00:00Z'],
  )
  assert.deepEqual(
    history.body['data'].results.map((row: Record<string, string>) => [
      row['actor_name'],
      row['field'],
      row['before'],
      row['after'],
    ]),
    [
      ['Ada Moroz', 'created', null, 'The lamp is dark'],
      ['Ivan Helper', 'status', 'open', 'in_progress'],
      ['Ivan Helper', 'priority', 'high', 'urgent'],
      ['Ivan Helper', 'assignee_id', null, String(helper.id)],
      ['Ivan Helper', 'status', 'in_progress', 'resolved'],
      ['Ada Moroz', 'title', 'The lamp is dark', 'It is dark again'],
      ['Ada Moroz', 'status', 'resolved', 'open'],
    ],
  )
})
