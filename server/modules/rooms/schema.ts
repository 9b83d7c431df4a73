import { Type, type Static } from 'typebox'
import { Instant, Line, Nullable, pageQuery, Text, TimeZone, Uuid } from '../../platform/http/shapes.ts'

const Equipment = Type.Array(Line(100, 1), { maxItems: 50, examples: [['projector', 'whiteboard']] })
const Capacity = Type.Integer({ minimum: 1, maximum: 100_000 })

export const Room = Type.Object(
  {
    id: Uuid,
    organization_id: Uuid,
    name: Type.String(),
    description: Type.String(),
    capacity: Capacity,
    location: Type.String(),
    equipment: Type.Array(Type.String()),
    time_zone: Type.String(),
    is_active: Type.Boolean(),
    check_in_minutes: Nullable(
      Type.Integer({
        minimum: 5,
        maximum: 120,
        description:
          'A meeting to which nobody checks in so long after its beginning loses the room; null: it keeps it.',
      }),
    ),
    created_at: Instant,
    updated_at: Instant,
  },
  { title: 'Room' },
)
export type RoomView = Static<typeof Room>

const optional = {
  description: Type.Optional(Nullable(Text(5000))),
  location: Type.Optional(Nullable(Line(300))),
  equipment: Type.Optional(Nullable(Equipment)),
  time_zone: Type.Optional(TimeZone),
  is_active: Type.Optional(Type.Boolean()),
  check_in_minutes: Type.Optional(Nullable(Type.Integer({ minimum: 5, maximum: 120 }))),
}

export const RoomInput = Type.Object({
  organization_id: Type.Optional(Uuid),
  name: Line(200, 1),
  capacity: Capacity,
  ...optional,
})
export type RoomInput = Static<typeof RoomInput>

/** What is left out stays as it is; a room never changes its organization. */
export const RoomChange = Type.Object({
  name: Type.Optional(Line(200, 1)),
  capacity: Type.Optional(Capacity),
  ...optional,
})
export type RoomChange = Static<typeof RoomChange>

/** `equipment=projector,whiteboard`, or the parameter repeated. */
const EquipmentFilter = Type.Unsafe<string | string[]>({
  anyOf: [
    { type: 'string', maxLength: 2000 },
    { type: 'array', items: { type: 'string', maxLength: 100 }, maxItems: 50 },
  ],
  description: 'All of these, by commas or by repeating the parameter; case and accents do not matter.',
  examples: ['projector,whiteboard'],
})

const filters = {
  ...pageQuery,
  organization_id: Type.Optional(Uuid),
  capacity: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 100_000, description: 'At least this many people fit in.' }),
  ),
  equipment: Type.Optional(EquipmentFilter),
}

export const RoomQuery = Type.Object({
  ...filters,
  search: Type.Optional(Line(200)),
  is_active: Type.Optional(Type.Boolean()),
})
export type RoomQuery = Static<typeof RoomQuery>

export const AvailableQuery = Type.Object({ ...filters, from: Instant, to: Instant })
export type AvailableQuery = Static<typeof AvailableQuery>

export const exampleRoom = {
  id: '0199c3a2-7c1e-7b6e-9d0a-3f1f5a6b7c8e',
  organization_id: '0199c3a2-7c1e-7b6e-9d0a-3f1f5a6b7c8d',
  name: 'Quiet room',
  description: 'For massages; the door can be locked',
  capacity: 2,
  location: 'Second floor, on the left',
  equipment: ['massage table', 'shower'],
  time_zone: 'Europe/Kyiv',
  is_active: true,
  check_in_minutes: null,
  created_at: '2026-01-12T08:00:00Z',
  updated_at: '2026-01-12T08:00:00Z',
} satisfies RoomView
