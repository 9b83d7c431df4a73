import { hasOnlinePayment } from '../platform/config.ts'
import { customers, providers, salon, type DemoPerson, type DemoProvider } from './people.ts'
import { inLanes, pick, type Id, type Story } from './story.ts'

/** Everybody registers, the independent providers open their shops. */
export async function openMarketplace(story: Story): Promise<void> {
  await inLanes(customers, async (person) => void (await story.join(person)))
  for (const { email } of customers.filter((_, i) => i % 2 === 0)) await saveCard(story, email)
  await inLanes(providers, (person) => openShop(story, person))
  await openSalon(story)
}

/** Half of the customers have a card on file, which the salon asks for where half a day is set aside for one person. */
async function saveCard({ attempt }: Story, email: string): Promise<void> {
  await attempt('POST', '/payments/stripe/payment-methods/', email, { json: { payment_method: 'pm_card_visa' } })
}

async function openHours(
  { ask }: Story,
  person: DemoPerson,
  [start_time, end_time]: [string, string],
  weekdays: number[],
): Promise<void> {
  for (const weekday of weekdays)
    await ask('POST', '/schedules/', person.email, {
      kind: 'weekly',
      weekday,
      start_time,
      end_time,
      time_zone: person.time_zone,
    })
}

async function openShop(story: Story, provider: DemoProvider): Promise<void> {
  const { email, headline, bio, city, languages, hourly_rate, slug, services, hours } = provider
  await story.join(provider, 'provider')
  const experience_years = 3 + Math.floor(story.random() * 12)
  await story.ask('PATCH', '/auth/profile/', email, {
    profile: { bio },
    provider_profile: { headline, city, languages, hourly_rate, slug, experience_years },
  })
  await openHours(story, provider, hours, [1, 2, 3, 4, 5])
  for (const one of services) await story.ask('POST', '/services/', email, one)
}

/** Makes somebody a member of an organization, by an invitation that they accept. */
export async function hire(
  { ask }: Story,
  organizationId: Id,
  admin: string,
  email: string,
  terms: { role?: string; position: string },
): Promise<void> {
  const { id } = await ask('POST', `/organizations/${organizationId}/invitations/`, admin, { email, ...terms })
  await ask('POST', '/organizations/invitations/accept/', email, { invitation_id: id })
}

async function openSalon(story: Story): Promise<void> {
  const { ask, join, random } = story
  const owner = salon.owner.email
  await join(salon.owner)
  const { name, city, address, slug, time_zone } = salon
  const { id: organization_id } = await ask('POST', '/organizations/', owner, {
    name,
    city,
    address,
    slug,
    time_zone,
    currency: 'UAH',
  })
  await inLanes([...salon.masters.entries()], async ([i, master]) => {
    await join(master, 'provider')
    await hire(story, organization_id, owner, master.email, { position: 'Майстер' })
    await openHours(
      story,
      master,
      i % 2 === 0 ? ['09:00', '17:00'] : ['12:00', '20:00'],
      i % 3 === 0 ? [1, 2, 3, 4, 5] : [2, 3, 4, 5, 6],
    )
  })
  const masters = salon.masters.map(({ email }) => story.idOf(email))
  const rooms: Id[] = []
  for (const room of salon.rooms) rooms.push((await ask('POST', '/rooms/', owner, { ...room, organization_id })).id)
  for (const [title, price, duration_minutes, where, many] of salon.services) {
    const first = Math.floor(random() * masters.length)
    const staff = Array.from({ length: many }, (_, i) => masters[(first + i * 2) % masters.length]!)
    await ask('POST', '/services/', owner, {
      title,
      description: `${title}: ${duration_minutes} хвилин турботи`,
      price,
      currency: 'UAH',
      duration_minutes,
      category: 'SPA',
      organization_id,
      staff: [...new Set(staff)],
      room_ids: where.map((i) => rooms[i]!),
      buffer_after_minutes: 10,
      payment: 'on_site',
      cancellation_policy: [{ hours_before: 12, refund_percent: 100 }],
      ...(title === 'Сауна' ? { capacity: 6 } : {}),
      ...(title === 'SPA-день' && hasOnlinePayment(story.app.house.config) ? { no_show_fee: 1000 } : {}),
    })
  }
}

type Span = { from: Temporal.PlainDate; days: number }

/** Some bookings of every service, or of each so-and-so-many-th, taken from what is listed free. */
export async function bookSome(
  story: Story,
  { from, days }: Span,
  least: number,
  most: number,
  each = 1,
): Promise<void> {
  const { app, attempt, random } = story
  const services = await app.house.db.selectFrom('services').select('id').orderBy('id').execute()
  await inLanes(
    services.filter((_, i) => i % each === 0),
    async ({ id }) => {
      const listed = await story.ask(
        'GET',
        `/services/${id}/slots/?from=${from.toString()}&to=${from.add({ days }).toString()}&time_zone=UTC`,
        pick(story, customers).email,
      )
      const results = listed['results'] as { start: string }[]
      const wanted = Math.min(results.length, least + Math.floor(random() * (most - least + 1)))
      for (let i = 0; i < wanted; i++) {
        const { start } = pick(story, results)
        const { email } = pick(story, customers)
        const note = random() < 0.3 ? { note: 'Перший візит' } : {}
        // Another may have taken the master or the room meanwhile: that is what the demo is about.
        const booked = await attempt('POST', '/bookings/', email, { json: { service: id, date: start, ...note } })
        if (booked?.['payment_status'] === 'unpaid') await pay(story, email, booked.id)
      }
    },
  )
}

/** Pays in the sandbox, as a customer would; with a gateway of one's own it stays unpaid and expires. */
async function pay({ attempt }: Story, email: string, booking_id: Id): Promise<void> {
  const intent = await attempt('POST', '/payments/stripe/create-intent/', email, { json: { booking_id } })
  if (!intent) return
  const json = { payment_intent_id: intent['payment_intent_id'], payment_method: 'pm_card_visa' }
  await attempt('POST', '/payments/stripe/confirm-payment/', email, { json })
}

/** What has ended has happened: completed by time, but for some to which nobody came. */
export async function comeOrNot({ app, ask }: Story): Promise<void> {
  const past = await app.house.db
    .selectFrom('bookings')
    .innerJoin('users', 'users.id', 'bookings.provider_id')
    .where('status', '=', 'confirmed')
    .where('ends_at', '<', app.house.clock())
    .select(['bookings.id', 'email'])
    .orderBy('bookings.id')
    .execute()
  for (const [i, { id, email }] of past.entries())
    if (i % 17 === 5) await ask('POST', `/bookings/status/${id}/`, email, { status: 'no_show' })
  await app.house.jobs.run('bookings.complete')
}
