import { Type, type Static } from 'typebox'
import { Id, Nullable, OneOf, Text } from '../../platform/http/shapes.ts'
import { exampleManaged, ManagedBooking } from './schema-extras.ts'

/** Shapes of what the link of a guest's series shows and does. */

export const ManagedSeries = Type.Object(
  {
    service: Type.Object({ id: Id, title: Type.String() }),
    name: Type.String({ description: 'Of the guest.' }),
    organization: Nullable(Type.String()),
    recurrence_rule: Type.String({ description: 'How it was made; what stands are its bookings.' }),
    description: Type.String({ description: 'The rule in words, in the language of who asks.' }),
    time_zone: Type.String(),
    can_change: Type.Boolean({ description: 'Something of it can be moved or cancelled.' }),
    bookings: Type.Array(
      Type.Object({
        id: Id,
        token: Type.String({ description: 'Of the manage-link of this one booking.' }),
        ...ManagedBooking.properties,
      }),
    ),
  },
  { title: 'ManagedSeries' },
)
export type ManagedSeriesView = Static<typeof ManagedSeries>

export const ManagedSeriesCancel = Type.Object({
  booking_id: Type.Optional(Id),
  scope: Type.Optional(
    OneOf(['this', 'this_and_following', 'all'], {
      description: 'By default `this` with a `booking_id`, else `all` that are to come.',
    }),
  ),
  reason: Type.Optional(Text(500)),
})
export type ManagedSeriesCancel = Static<typeof ManagedSeriesCancel>

export const exampleManagedSeries = {
  service: exampleManaged.service,
  name: exampleManaged.name,
  organization: exampleManaged.organization,
  recurrence_rule: 'FREQ=WEEKLY;COUNT=2',
  description: 'every week, 2 times',
  time_zone: 'Europe/Kyiv',
  can_change: true,
  bookings: [{ id: 1, token: '1.5f2d', ...exampleManaged }],
} satisfies ManagedSeriesView
