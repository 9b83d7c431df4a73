import { Type, type Static } from 'typebox'
import { Id, Instant, Line, Nullable, OneOf, pageQuery, Text, TimeZone, Uuid } from '../../../platform/http/shapes.ts'

const Color = Type.String({ pattern: '^#[0-9A-Fa-f]{6}$', maxLength: 7, examples: ['#336699'] })

export const Calendar = Type.Object(
  {
    id: Uuid,
    name: Type.String(),
    description: Type.String(),
    color: Type.String({ description: '`#rrggbb`' }),
    owner_id: Id,
    owner_name: Type.String(),
    is_public: Type.Boolean({
      description:
        'Readable by every member of its organization; without one, by whoever is signed in and knows its id.',
    }),
    organization_id: Nullable(Uuid),
    time_zone: Type.String(),
    is_first: Type.Boolean({ description: 'The one that everybody has; it cannot be deleted.' }),
    access: OneOf(['free_busy', 'read', 'write', 'owner'], { description: 'What you may do with it.' }),
    has_feed: Type.Boolean(),
    created_at: Instant,
    updated_at: Instant,
  },
  { title: 'Calendar' },
)
export type CalendarView = Static<typeof Calendar>

const optional = {
  description: Type.Optional(Nullable(Text(5000))),
  is_public: Type.Optional(Type.Boolean()),
  organization_id: Type.Optional(Nullable(Uuid)),
  time_zone: Type.Optional(TimeZone),
}

export const CalendarInput = Type.Object({ name: Line(200, 1), color: Type.Optional(Color), ...optional })
export type CalendarInput = Static<typeof CalendarInput>

/** What is left out stays as it is. */
export const CalendarChange = Type.Object({
  name: Type.Optional(Line(200, 1)),
  color: Type.Optional(Color),
  ...optional,
})
export type CalendarChange = Static<typeof CalendarChange>

export const CalendarQuery = Type.Object({ ...pageQuery, organization_id: Type.Optional(Uuid) })
export type CalendarQuery = Static<typeof CalendarQuery>

const accesses = ['free_busy', 'read', 'write'] as const

export const Share = Type.Object(
  {
    id: Uuid,
    organization_id: Uuid,
    user_id: Nullable(Id),
    user_name: Nullable(Type.String()),
    department_id: Nullable(Uuid),
    department_name: Nullable(Type.String()),
    access: OneOf(accesses),
    created_at: Instant,
  },
  { title: 'CalendarShare' },
)
export type ShareView = Static<typeof Share>

export const ShareInput = Type.Object({
  user_id: Type.Optional(Id),
  department_id: Type.Optional(Uuid),
  organization_id: Type.Optional(Uuid),
  access: OneOf(accesses),
})
export type ShareInput = Static<typeof ShareInput>

export const ShareParams = Type.Object({ id: Uuid, share_id: Uuid })

export const exampleCalendar = {
  id: '0199c3a2-7c1e-7b6e-9d0a-3f1f5a6b7c90',
  name: 'Work',
  description: '',
  color: '#336699',
  owner_id: 1,
  owner_name: 'Jane Smith',
  is_public: false,
  organization_id: null,
  time_zone: 'Europe/Kyiv',
  is_first: false,
  access: 'owner',
  has_feed: false,
  created_at: '2026-01-12T08:00:00Z',
  updated_at: '2026-01-12T08:00:00Z',
} satisfies CalendarView

export const exampleShare = {
  id: '0199c3a2-7c1e-7b6e-9d0a-3f1f5a6b7c91',
  organization_id: '0199c3a2-7c1e-7b6e-9d0a-3f1f5a6b7c8d',
  user_id: 2,
  user_name: 'Olena Kovalenko',
  department_id: null,
  department_name: null,
  access: 'read',
  created_at: '2026-01-12T08:00:00Z',
} satisfies ShareView
