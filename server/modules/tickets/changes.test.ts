import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Answer } from '../../../test/support.ts'
import { openOffice, refusal, ruleOf } from '../../../test/office.ts'

const { house, ask, hire, open, back, boss } = await openOffice()
const helper = await hire('it', { first_name: 'Ivan', last_name: 'Helper' })
const worker = await hire('employee', { first_name: 'Ada', last_name: 'Moroz' })
const colleague = await hire('employee')

const numbers = ({ body }: Answer): number[] => body['data'].results.map((row: { number: number }) => row.number)

test('Who asked words and closes a ticket, and leaves priority, assignee and progress to others', async () => {
  const { id } = await open(worker)
  const put = (json: object): Promise<Answer> => ask('PUT', `tickets/${id}/`, worker, json)

  const refused = [
    await put({ priority: 'urgent' }),
    await put({ category: 'Light' }),
    await put({ assignee_id: helper.id }),
    await put({ status: 'in_progress' }),
    await put({ status: 'resolved' }),
    await ask('DELETE', `tickets/${id}/`, worker),
    await ask('POST', 'tickets/', worker, { title: 'x', assignee_id: helper.id }),
    await ask('POST', 'tickets/', worker, { title: 'x', requester_id: colleague.id }),
  ]
  const reworded = await put({ title: 'Dark', priority: 'normal', status: 'open' })
  const closed = await put({ status: 'closed' })
  const late = await put({ title: 'Darker' })
  const both = await put({ title: 'Darker', status: 'open' })

  assert.deepEqual([...new Set(refused.map(refusal))], ['403 PERMISSION_DENIED'])
  assert.deepEqual([reworded.status, closed.body['data'].status], [200, 'closed'])
  assert.deepEqual(
    [refusal(late), both.body['data'].title, both.body['data'].status],
    ['409 CONFLICT', 'Darker', 'open'],
  )
})

test('A ticket is assigned to IT and admins alone, and opened by them for another member', async () => {
  const foreigner = await house.person('provider')
  const { id } = await open(helper, { requester_id: worker.id, assignee_id: boss.id })

  const refused = [
    await ask('PUT', `tickets/${id}/`, helper, { assignee_id: colleague.id }),
    await ask('PUT', `tickets/${id}/`, helper, { assignee_id: foreigner.id }),
    await ask('POST', 'tickets/', boss, { title: 'x', requester_id: foreigner.id }),
  ]
  const freed = await ask('PUT', `tickets/${id}/`, helper, { assignee_id: null })

  assert.deepEqual(refused.map(ruleOf), [
    '400 assignee_id not_staff',
    '400 assignee_id not_staff',
    '400 requester_id not_a_member',
  ])
  assert.deepEqual([freed.body['data'].assignee_id, freed.body['data'].requester_id], [null, worker.id])
  assert.equal((await ask('GET', `tickets/${id}/`, worker)).status, 200)
})

test('An employee who was of the IT keeps working on what is assigned to them, and only on that', async () => {
  const former = await hire('it')
  const { id } = await open(worker, {})
  const other = await open(worker, {})
  await ask('PUT', `tickets/${id}/`, boss, { assignee_id: former.id })
  await ask('PUT', `users/${former.id}/`, boss, { role: 'employee' })

  const progress = await ask('PUT', `tickets/${id}/`, former, { status: 'in_progress', priority: 'low' })
  const passed = await ask('PUT', `tickets/${id}/`, former, { assignee_id: helper.id })

  assert.deepEqual([progress.status, refusal(passed)], [200, '403 PERMISSION_DENIED'])
  assert.equal(refusal(await ask('GET', `tickets/${other['id']}/`, former)), '404 NOT_FOUND')
})

test('Whoever leaves the organization leaves their tickets to others', async () => {
  const leaver = await hire('it')
  const { id } = await open(worker)
  await ask('PUT', `tickets/${id}/`, boss, { assignee_id: leaver.id })

  await ask('DELETE', `users/${leaver.id}/`, boss)
  await house.drain()

  const history = (await ask('GET', `tickets/${id}/history/?page_size=100`, boss)).body['data'].results
  assert.equal((await ask('GET', `tickets/${id}/`, boss)).body['data'].assignee_id, null)
  assert.deepEqual([history.at(-1).actor_id, history.at(-1).before], [null, String(leaver.id)])
})

test('Of two changes at once with the ETag that both have seen, one is made', async () => {
  const { id } = await open(worker)
  const seen = await ask('GET', `tickets/${id}/`, helper)
  const headers = { 'if-match': seen.headers['etag']! }

  const answers = await Promise.all([
    ask('PUT', `tickets/${id}/`, helper, { status: 'in_progress' }, headers),
    ask('PUT', `tickets/${id}/`, boss, { status: 'resolved' }, headers),
  ])

  assert.deepEqual(answers.map(({ status }) => String(status)).toSorted(), ['200', '412'])
})

test('Due times and categories are the organization’s to settle, by its IT and admins', async () => {
  const refused = await ask('PUT', 'tickets/settings/', worker, { due_hours: { urgent: 1 } })
  const wrong = await ask('PUT', 'tickets/settings/', helper, { due_hours: { urgent: 0 } })
  const settled = await ask('PUT', 'tickets/settings/', helper, {
    due_hours: { urgent: 2 },
    categories: ['Light', 'Café'],
  })

  const made = await open(worker, { priority: 'urgent', category: 'cafe' })
  const unknown = await ask('POST', 'tickets/', worker, { title: 'x', category: 'Water' })

  assert.deepEqual([refusal(refused), wrong.status], ['403 PERMISSION_DENIED', 400])
  assert.deepEqual(settled.body['data'].due_hours, { low: 168, normal: 72, high: 24, urgent: 2 })
  assert.deepEqual((await ask('GET', 'tickets/settings/', worker)).body['data'].categories, ['Light', 'Café'])
  assert.deepEqual([made['category'], made['due_at']], ['Café', '2026-01-12T10:00:00Z'])
  assert.equal(ruleOf(unknown), '400 category category')
})

test('Of two who settle different things of a desk at the same moment neither undoes what the other has settled', async () => {
  const rounds = Array.from({ length: 12 }, (_, i) => ({ low: 100 + i, high: 20 + i }))

  const found = []
  for (const { low, high } of rounds) {
    await Promise.all([
      ask('PUT', 'tickets/settings/', helper, { due_hours: { low } }),
      ask('PUT', 'tickets/settings/', helper, { due_hours: { high } }),
      ask('PUT', 'tickets/settings/', helper, { categories: [`Category ${low}`] }),
    ])
    found.push((await ask('GET', 'tickets/settings/', worker)).body['data'])
  }

  assert.deepEqual(
    found.map(({ due_hours: { low, high }, categories }) => ({ low, high, categories })),
    rounds.map((one) => ({ ...one, categories: [`Category ${one.low}`] })),
  )
})

test('Tickets are filtered, found and ordered', async () => {
  const quick = await open(worker, { priority: 'urgent', title: 'Кава скінчилася', assignee_id: undefined })
  const slow = await open(helper, { priority: 'low', title: 'Paint the door', assignee_id: helper.id })
  const [q, s] = [quick['number'], slow['number']]
  const listed = async (query: string): Promise<number[]> => numbers(await ask('GET', `tickets/?${query}`, helper))

  assert.deepEqual(await listed(`search=${encodeURIComponent('КАВА')}`), [q])
  assert.deepEqual(await listed(`search=%23${s}`), [s])
  assert.deepEqual(await listed('assignee=me'), [s])
  assert.deepEqual(await listed(`assignee=${helper.id}&priority=urgent`), [])
  assert.ok((await listed('assignee=none&requester=me')).length === 0)
  assert.equal((await listed('ordering=-priority'))[0], q)
  assert.deepEqual(await listed('ordering=priority'), (await listed('ordering=-priority')).toReversed())
  assert.equal((await listed('ordering=-created_at'))[0], s)
  assert.ok((await listed('status=closed')).every((number) => number !== q))
  assert.deepEqual(await listed('overdue=true'), [])
  house.pass({ hours: 3 })
  const late = await ask('GET', 'tickets/?overdue=true', await back(helper))
  assert.ok(numbers(late).includes(q) && !numbers(late).includes(s))
  assert.equal(late.body['data'].results[0].is_overdue, true)
})
