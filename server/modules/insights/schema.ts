import { Type, type Static } from 'typebox'
import { CalendarDate, Id, Instant, Nullable, OneOf, TimeZone, Uuid } from '../../platform/http/shapes.ts'
import { tableFormats } from '../../platform/http/table.ts'
import { intervals } from './rules.ts'

const Count = Type.Integer({ minimum: 0 })
const Amount = Type.Number()
const Rate = Nullable(
  Type.Number({ minimum: 0, maximum: 1, description: 'A part of 1; null where there is nothing to divide.' }),
)

export const BookingFigures = Type.Object(
  {
    total: Count,
    pending: Count,
    confirmed: Count,
    completed: Count,
    cancelled: Count,
    no_show: Count,
    expired: Type.Integer({ minimum: 0, description: 'Of the cancelled: holds that ran out unpaid.' }),
    created: Type.Integer({ minimum: 0, description: 'Bookings made in this time, for whatever time.' }),
    minutes: Type.Integer({ minimum: 0, description: 'Of all but the cancelled.' }),
    cancellation_rate: Rate,
    no_show_rate: Rate,
  },
  { title: 'BookingFigures' },
)

export const MoneyFigures = Type.Object(
  {
    currency: Type.String(),
    booked: Type.Number({ description: 'The prices of bookings that stand, those paid on site included.' }),
    charged: Type.Number({ description: 'As the books have it: what was paid.' }),
    refunded: Amount,
    disputed: Amount,
    fees: Nullable(Type.Number({ description: 'What the platform keeps; null for customers.' })),
    net: Type.Number({ description: 'Charged without refunds, disputes and fees.' }),
  },
  { title: 'MoneyFigures' },
)

export const PeopleFigures = Type.Object(
  { registered: Count, customers: Count, providers: Count, administrators: Count },
  { title: 'PeopleFigures' },
)

const Customers = Type.Object({ total: Count, new: Count, returning: Count }, { title: 'CustomerFigures' })
const Popular = Type.Object({ id: Id, title: Type.String(), bookings: Count }, { title: 'PopularService' })
const Occupancy = Type.Object({ open_minutes: Count, booked_minutes: Count, share: Rate }, { title: 'Occupancy' })
const Rating = Type.Object({ average: Nullable(Type.Number()), reviews: Count }, { title: 'RatingFigures' })

export const scopes = ['platform', 'organization', 'provider', 'customer'] as const
const spanFields = {
  scope: OneOf(scopes, { title: 'DashboardScope', description: 'Whose figures these are.' }),
  organization_id: Nullable(Uuid),
  from: CalendarDate,
  to: CalendarDate,
  time_zone: Type.String(),
}

export const Stats = Type.Object(
  {
    ...spanFields,
    bookings: Nullable(BookingFigures),
    customers: Nullable(Customers),
    services: Nullable(Type.Array(Popular)),
    occupancy: Nullable(Occupancy),
    rating: Nullable(Rating),
    people: Nullable(PeopleFigures),
    money: Nullable(Type.Array(MoneyFigures)),
  },
  { title: 'DashboardStats' },
)
export type StatsView = Static<typeof Stats>

const PointShape = Type.Object(
  {
    date: CalendarDate,
    from: Instant,
    to: Instant,
    bookings: Nullable(BookingFigures),
    people: Nullable(PeopleFigures),
    money: Nullable(Type.Array(MoneyFigures)),
  },
  { title: 'DashboardPoint' },
)
export const Analytics = Type.Object(
  { ...spanFields, interval: OneOf(intervals), currencies: Type.Array(Type.String()), points: Type.Array(PointShape) },
  { title: 'DashboardAnalytics' },
)
export type AnalyticsView = Static<typeof Analytics>

const Next = Type.Object(
  {
    id: Id,
    title: Type.String(),
    provider_name: Type.String(),
    customer_name: Type.String(),
    date: Instant,
    end: Instant,
    status: Type.String(),
  },
  { title: 'UpcomingBooking' },
)
export const Overview = Type.Object(
  {
    scope: spanFields.scope,
    organization_id: Nullable(Uuid),
    time_zone: Type.String(),
    as_of: Instant,
    upcoming: Nullable(
      Type.Object({
        today: Count,
        next_7_days: Count,
        awaiting: Type.Integer({ minimum: 0, description: 'Of the next seven days: those that are `pending`.' }),
        next: Type.Array(Next),
      }),
    ),
    last_30_days: Stats,
    previous_30_days: Stats,
  },
  { title: 'Dashboard' },
)
export type OverviewView = Static<typeof Overview>

const whose = {
  organization_id: Type.Optional(Uuid),
  role: Type.Optional(
    OneOf(['customer', 'provider'], { description: 'Which side of one’s bookings; by default one’s role.' }),
  ),
  time_zone: Type.Optional(TimeZone),
}
const format = Type.Optional(
  OneOf(tableFormats, {
    description: '`csv` and `xlsx` answer a table, as `Accept` with `text/csv` or the type of workbooks does.',
  }),
)
const span = {
  from: Type.Optional(CalendarDate),
  to: Type.Optional(Type.String({ ...CalendarDate, description: 'Included; by default today.' })),
}

export const OverviewQuery = Type.Object(whose)
export const StatsQuery = Type.Object({ ...whose, ...span, format })
export const AnalyticsQuery = Type.Object({ ...whose, ...span, interval: Type.Optional(OneOf(intervals)), format })
export type WhoseQuery = Static<typeof OverviewQuery>
export type StatsQuery = Static<typeof StatsQuery>
export type AnalyticsQuery = Static<typeof AnalyticsQuery>
