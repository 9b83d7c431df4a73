import { Type, type Static } from 'typebox'
import { CalendarDate, Id, Instant, Nullable, OneOf, TimeZone, Uuid } from '../../platform/http/shapes.ts'
import { exampleProvider, exampleService, Provider, Service } from '../catalog/index.ts'
import { Status } from './schema.ts'

/** What one has today. */
export const Agenda = Type.Object(
  {
    date: CalendarDate,
    time_zone: Type.String(),
    bookings: Type.Array(
      Type.Object({
        id: Id,
        role: OneOf(['customer', 'provider']),
        title: Type.String(),
        with: Type.String(),
        date: Instant,
        end: Instant,
        local: Type.String(),
        local_end: Type.String(),
        status: Status,
        seats: Type.Integer(),
        place: Type.String(),
        meeting_url: Nullable(Type.String()),
        note: Type.String(),
      }),
    ),
  },
  { title: 'Agenda' },
)
export type AgendaView = Static<typeof Agenda>

export const exampleAgenda = {
  date: '2026-01-15',
  time_zone: 'Europe/Kyiv',
  bookings: [
    {
      id: 1,
      role: 'customer',
      title: 'Massage',
      with: 'Jane Smith',
      date: '2026-01-15T14:00:00Z',
      end: '2026-01-15T15:00:00Z',
      local: '2026-01-15T16:00:00+02:00',
      local_end: '2026-01-15T17:00:00+02:00',
      status: 'confirmed',
      seats: 1,
      place: 'Quiet room, Lavender Spa, 1 Khreshchatyk Street, Kyiv',
      meeting_url: null,
      note: '',
    },
  ],
} satisfies AgendaView

const pageKinds = ['provider', 'organization'] as const

export const SlugParams = Type.Object({ slug: Type.String({ minLength: 1, maxLength: 60 }) })
export const PageQuery = Type.Object({
  kind: Type.Optional(
    OneOf(pageKinds, { description: 'Answers only a page of this kind. A slug names one page alone.' }),
  ),
  time_zone: Type.Optional(TimeZone),
})
export type PageQuery = Static<typeof PageQuery>

/** Everything that a public page shows. */
export const PublicPage = Type.Object(
  {
    kind: OneOf(pageKinds),
    slug: Type.String({
      description:
        'What the page is called now: another than was asked for where it was renamed. Show it under this one.',
    }),
    provider: Nullable(Provider),
    organization: Nullable(
      Type.Object({
        id: Uuid,
        name: Type.String(),
        description: Type.String(),
        city: Type.String(),
        address: Type.String(),
        rating: Nullable(Type.Number({ description: 'The average of all reviews of its services.' })),
        review_count: Type.Integer(),
      }),
    ),
    time_zone: Type.String(),
    services: Type.Array(
      Type.Object({
        ...Service.properties,
        starts: Type.Array(Type.String(), { description: 'Free starts, by the clock of `time_zone`, at most 50.' }),
      }),
    ),
    service_count: Type.Integer(),
    from: CalendarDate,
    to: CalendarDate,
    version: Type.Integer({ description: 'Of the free starts; see `services/{id}/slots/live/`.' }),
  },
  { title: 'PublicPage' },
)
export type PublicPageView = Static<typeof PublicPage>

export const examplePage = {
  kind: 'provider',
  slug: 'jane',
  provider: exampleProvider,
  organization: null,
  time_zone: 'Europe/Kyiv',
  services: [{ ...exampleService, starts: ['2026-01-15T16:00:00+02:00', '2026-01-15T16:30:00+02:00'] }],
  service_count: 1,
  from: '2026-01-12',
  to: '2026-01-18',
  version: 7,
} satisfies PublicPageView
