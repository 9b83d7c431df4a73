import type { ProviderView } from './providers.ts'
import type { PublicPerson, ServiceInput, ServiceView } from './services.ts'

/** True examples for the API's document; a test holds them against the shapes. */

const person: PublicPerson = {
  id: 2,
  name: 'Jane Smith',
  headline: 'Massage therapist',
  rating: 4.8,
  review_count: 12,
  photo_url: 'http://localhost:8000/files/photos/medium/019bb2e8c000a1b2c3d4e5f60718293a.jpg',
  slug: 'jane',
  is_verified: true,
}

export const exampleInput: ServiceInput = {
  title: 'Deep tissue massage',
  description: 'An hour for the back and the shoulders',
  price: 100,
  category: 'Massage',
  buffer_after_minutes: 15,
}

const at = (size: string): string => `http://localhost:8000/files/photos/${size}/019bb2e8c000b1b2c3d4e5f60718293a.jpg`

export const exampleService: ServiceView = {
  id: 1,
  title: 'Deep tissue massage',
  description: 'An hour for the back and the shoulders',
  price: 100,
  currency: 'USD',
  duration_minutes: 60,
  buffer_before_minutes: 0,
  buffer_after_minutes: 15,
  capacity: 1,
  category: 'Massage',
  location_type: 'in_person',
  deposit: null,
  no_show_fee: null,
  requires_payment_method: false,
  cancellation_policy: [{ hours_before: 24, refund_percent: 100 }],
  min_notice_minutes: 0,
  max_advance_days: null,
  slot_step_minutes: 30,
  requires_approval: false,
  payment: 'on_site',
  room_ids: [],
  staff: [person],
  photos: [{ id: 1, url: at('large'), medium_url: at('medium'), small_url: at('small') }],
  is_active: true,
  provider: person,
  organization_id: null,
  organization: null,
  created_at: '2026-01-12T08:00:00Z',
  updated_at: '2026-01-12T08:00:00Z',
}

export const exampleProvider: ProviderView = {
  ...person,
  bio: 'I have worked in spas of Kyiv and Lviv.',
  languages: ['uk', 'en'],
  city: 'Kyiv',
  experience_years: 5,
  hourly_rate: 50,
  currency: 'USD',
  organizations: [],
  services: [
    { id: 1, title: 'Deep tissue massage', price: 100, currency: 'USD', duration_minutes: 60, category: 'Massage' },
  ],
  service_count: 1,
}
