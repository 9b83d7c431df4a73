import type { AnalyticsView, OverviewView, StatsView } from './schema.ts'

const bookings = {
  total: 10,
  pending: 1,
  confirmed: 2,
  completed: 4,
  cancelled: 2,
  no_show: 1,
  expired: 1,
  created: 7,
  minutes: 480,
  cancellation_rate: 0.1111,
  no_show_rate: 0.2,
}
const money = [{ currency: 'USD', booked: 400, charged: 350, refunded: 50, disputed: 0, fees: 30, net: 270 }]

export const exampleStats: StatsView = {
  scope: 'provider',
  organization_id: null,
  from: '2026-01-01',
  to: '2026-01-31',
  time_zone: 'Europe/Kyiv',
  bookings,
  customers: { total: 6, new: 4, returning: 2 },
  services: [{ id: 1, title: 'Massage', bookings: 8 }],
  occupancy: { open_minutes: 9600, booked_minutes: 480, share: 0.05 },
  rating: { average: 4.8, reviews: 12 },
  people: null,
  money,
}

export const exampleAnalytics: AnalyticsView = {
  scope: 'provider',
  organization_id: null,
  from: '2026-01-01',
  to: '2026-01-04',
  time_zone: 'Europe/Kyiv',
  interval: 'week',
  currencies: ['USD'],
  points: [
    {
      date: '2025-12-29',
      from: '2025-12-31T22:00:00Z',
      to: '2026-01-04T22:00:00Z',
      bookings,
      people: null,
      money,
    },
  ],
}

export const exampleOverview: OverviewView = {
  scope: 'provider',
  organization_id: null,
  time_zone: 'Europe/Kyiv',
  as_of: '2026-01-31T09:00:00Z',
  upcoming: {
    today: 1,
    next_7_days: 2,
    awaiting: 1,
    next: [
      {
        id: 7,
        title: 'Massage',
        provider_name: 'Jane Smith',
        customer_name: 'John Doe',
        date: '2026-01-31T14:00:00Z',
        end: '2026-01-31T15:00:00Z',
        status: 'confirmed',
      },
    ],
  },
  last_30_days: { ...exampleStats, from: '2026-01-02', to: '2026-01-31' },
  previous_30_days: { ...exampleStats, from: '2025-12-03', to: '2026-01-01' },
}
