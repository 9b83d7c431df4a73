import { customers } from './people.ts'
import { pick, type Story } from './story.ts'

/** Somebody has a massage every week: booked in one go, whatever of it is free. */
export async function bookWeekly(story: Story): Promise<void> {
  const { ask, attempt, present } = story
  const services = await story.app.house.db
    .selectFrom('services')
    .where('organization_id', 'is not', null)
    .where('title', 'like', '%асаж%')
    .where('capacity', '=', 1)
    .orderBy('id')
    .select('id')
    .execute()
  const [massage] = services
  if (!massage) return
  const { email } = customers[0]!
  const from = present.toZonedDateTimeISO('UTC').toPlainDate().add({ days: 2 })
  const listed = await ask(
    'GET',
    `/services/${massage.id}/slots/?from=${from.toString()}&to=${from.add({ days: 6 }).toString()}&time_zone=UTC`,
    email,
  )
  const results = listed['results'] as { start: string }[]
  if (results.length === 0) return
  await attempt('POST', '/bookings/series/', email, {
    json: {
      service: massage.id,
      date: pick(story, results).start,
      recurrence_rule: 'FREQ=WEEKLY;COUNT=6',
      clashes: 'skip',
      note: 'Щотижня, спина',
    },
  })
}
