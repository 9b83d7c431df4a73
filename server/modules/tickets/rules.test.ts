import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Seat } from './policy.ts'
import {
  categoryOf,
  defaultHours,
  dueTimes,
  isForeign,
  statuses,
  stepProblem,
  tidyCategories,
  type TicketStatus,
} from './rules.ts'

const now = Temporal.Instant.from('2026-03-31T12:00:00Z')
const seat = (role: Seat['role'], isAssignee = false): Seat => ({ role, isRequester: !isAssignee, isAssignee })
const at = (text: string): Temporal.Instant => Temporal.Instant.from(text)

test('Staff take a ticket on, put it back, resolve, close and reopen it; from closed only to open', () => {
  const wanted: Record<TicketStatus, TicketStatus[]> = {
    open: ['open', 'in_progress', 'resolved', 'closed'],
    in_progress: ['open', 'in_progress', 'resolved', 'closed'],
    resolved: ['open', 'in_progress', 'resolved', 'closed'],
    closed: ['open', 'closed'],
  }
  for (const staff of [seat('it'), seat('admin'), seat('employee', true)]) {
    for (const from of statuses) {
      const open = statuses.filter((to) => stepProblem(staff, from, to, at('2020-01-01T00:00Z'), now) === null)
      assert.deepEqual(open, wanted[from], from)
    }
  }
})

test('Who asked for it closes it, and opens it again for thirty days to the second', () => {
  const asker = seat('employee')
  const settled = now.subtract({ hours: 30 * 24 })

  assert.equal(stepProblem(asker, 'open', 'closed', null, now), null)
  assert.equal(stepProblem(asker, 'resolved', 'closed', settled, now), null)
  assert.equal(stepProblem(asker, 'closed', 'open', settled, now), null)
  assert.equal(stepProblem(asker, 'closed', 'open', settled, now.add({ seconds: 1 })), 'too_late')
  assert.equal(stepProblem(asker, 'open', 'in_progress', null, now), 'denied')
  assert.equal(stepProblem(asker, 'open', 'resolved', null, now), 'denied')
  assert.equal(stepProblem(asker, 'in_progress', 'open', null, now), 'denied')
  assert.equal(stepProblem(asker, 'closed', 'in_progress', settled, now), 'step')
})

test('A ticket is due after the hours of its priority, and soon after three quarters of them, whatever clocks do', () => {
  const from = at('2026-03-28T20:00:00Z')

  const { warn_at, due_at } = dueTimes(from, 'high', defaultHours)

  assert.deepEqual([warn_at.toString(), due_at.toString()], ['2026-03-29T14:00:00Z', '2026-03-29T20:00:00Z'])
  assert.equal(dueTimes(from, 'urgent', { ...defaultHours, urgent: 1 }).warn_at.toString(), '2026-03-28T20:45:00Z')
})

test('A category is written as the organization writes it, or is none; without a list any word is one', () => {
  assert.equal(categoryOf(' будівля ', ['Будівля', 'Café']), 'Будівля')
  assert.equal(categoryOf('cafe', ['Будівля', 'Café']), 'Café')
  assert.equal(categoryOf('Other', ['Будівля']), null)
  assert.equal(categoryOf('', ['Будівля']), '')
  assert.equal(categoryOf('Other', []), 'Other')
  assert.deepEqual(tidyCategories([' A', 'b', 'a ', '']), ['a', 'b'])
})

test('Who asked words the ticket, who works on it weighs it, and staff alone assign it', () => {
  const fields = ['title', 'description', 'status', 'priority', 'category', 'assignee_id'] as const
  const foreignTo = (who: Seat): string[] => fields.filter((field) => isForeign(who, field))

  assert.deepEqual(foreignTo(seat('employee')), ['priority', 'category', 'assignee_id'])
  assert.deepEqual(foreignTo(seat('employee', true)), ['assignee_id'])
  assert.deepEqual(foreignTo(seat('it')), [])
})
