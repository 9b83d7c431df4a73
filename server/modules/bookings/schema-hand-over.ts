import { Type, type Static } from 'typebox'
import { Id, Instant, OneOf, Text, Uuid } from '../../platform/http/shapes.ts'

/** Shapes of handing bookings over to others of an organization. */

export const HandOverInput = Type.Object({
  organization_id: Uuid,
  provider_id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: 'Who is to give them now.' }),
  action: OneOf(['reassign', 'reassign_or_cancel', 'cancel'], {
    description:
      '`reassign` leaves what nobody can take, `reassign_or_cancel` cancels it; what is cancelled is paid back whole.',
  }),
  to_provider_id: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'Who is to give them; without it whoever is free and has least to do that day.',
    }),
  ),
  service: Type.Optional(Id),
  booking_ids: Type.Optional(Type.Array(Id, { minItems: 1, maxItems: 200 })),
  reason: Type.Optional(Text(500)),
})
export type HandOverInput = Static<typeof HandOverInput>

const Passed = Type.Object({
  booking_id: Id,
  date: Instant,
  provider: Type.Object({ id: Id, name: Type.String() }),
})
const Cancelled = Type.Object({ booking_id: Id, date: Instant })
const Left = Type.Object({
  booking_id: Id,
  date: Instant,
  rule: Type.String({ description: 'Of TIME.md: why nobody can take it.' }),
  code: Type.String(),
  message: Type.String(),
})

export const HandOver = Type.Object(
  {
    reassigned: Type.Array(Passed),
    cancelled: Type.Array(Cancelled),
    left: Type.Array(Left),
    more: Type.Boolean({ description: 'There are later ones, which were not looked at: ask again.' }),
  },
  { title: 'HandOver' },
)
export type HandOverView = Static<typeof HandOver>

export const exampleHandOver = {
  reassigned: [{ booking_id: 1, date: '2026-01-15T14:00:00Z', provider: { id: 4, name: 'Ada Moroz' } }],
  cancelled: [],
  left: [
    {
      booking_id: 2,
      date: '2026-01-16T14:00:00Z',
      rule: 'D9',
      code: 'booked',
      message: 'This time is already booked',
    },
  ],
  more: false,
} satisfies HandOverView
