import type { EventView, OccurrenceView, ParticipantView } from './events.ts'

const example = {
  calendar_id: '0199c3a2-7c1e-7b6e-9d0a-3f1f5a6b7c90',
  organizer_id: 1,
  organizer_name: 'Jane Smith',
  title: 'Weekly',
  description: '',
  location: '',
  start_time: '2026-01-15T14:00:00Z',
  end_time: '2026-01-15T15:00:00Z',
  start_local: '2026-01-15T16:00:00+02:00',
  end_local: '2026-01-15T17:00:00+02:00',
  time_zone: 'Europe/Kyiv',
  is_all_day: false,
  is_floating: false,
  is_recurring: true,
  recurrence_rule: 'FREQ=WEEKLY;COUNT=4',
  status: 'confirmed',
  transparency: 'opaque',
  visibility: 'public',
  room_id: null,
  room_name: null,
  my_status: null,
  can_edit: true,
  is_busy_only: false,
  created_at: '2026-01-12T08:00:00Z',
  updated_at: '2026-01-12T08:00:00Z',
} as const

export const exampleOccurrence = {
  id: '0199c3a2-7c1e-7b6e-9d0a-3f1f5a6b7c92',
  event_id: '0199c3a2-7c1e-7b6e-9d0a-3f1f5a6b7c92',
  occurrence_id: '0199c3a2-7c1e-7b6e-9d0a-3f1f5a6b7c92_20260115T140000Z',
  recurrence_id: '2026-01-15T14:00:00Z',
  is_override: false,
  ...example,
} satisfies OccurrenceView

export const exampleParticipant = {
  id: '0199c3a2-7c1e-7b6e-9d0a-3f1f5a6b7c93',
  user_id: 2,
  email: 'olena@example.com',
  name: 'Olena Kovalenko',
  role: 'required',
  status: 'needs_action',
  occurrences: [],
} satisfies ParticipantView

export const exampleEvent = {
  id: '0199c3a2-7c1e-7b6e-9d0a-3f1f5a6b7c92',
  uid: '0199c3a2-7c1e-7b6e-9d0a-3f1f5a6b7c92@banister',
  sequence: 0,
  version: 1,
  ...example,
  rdates: [],
  exdates: [],
  overrides: [],
  reminders: [10],
  room_claimed_until: null,
  participants: [exampleParticipant],
  warnings: [],
  room_changes: [],
} satisfies EventView

/** The same as somebody sees it who has accepted the invitation. */
export const exampleAnswered = {
  ...exampleEvent,
  my_status: 'accepted',
  can_edit: false,
  participants: [{ ...exampleParticipant, status: 'accepted' }],
} satisfies EventView
