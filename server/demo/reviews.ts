import { pick, inLanes, type Story } from './story.ts'

type Said = [rating: number, text: string, answer?: string]

const inEnglish: Said[] = [
  [5, 'On time to the minute, friendly and thorough. Booked again on the way out.', 'Thank you! See you next month.'],
  [5, 'Exactly what I needed after a long week.'],
  [4, 'Very good. The room was a little cold at first.', 'Thank you for telling us: the heating is set earlier now.'],
  [5, ''],
  [
    3,
    'Fine in the end, but we began ten minutes late.',
    'I am sorry about the wait. The next one starts on time, I promise.',
  ],
]

/** What people say, each in their language: of anything that is sold here. */
const sayings: Record<string, Said[]> = {
  olena: [
    [5, 'Усе вчасно, спокійно й дуже уважно. Записалася ще раз.', 'Дякуємо, Олено! Чекаємо на вас.'],
    [5, 'Рекомендую подругам. Пояснили кожен крок.'],
    [4, 'Добре, тільки паркування довелося пошукати.', 'Дякуємо! За рогом є вільний двір, підкажемо наступного разу.'],
  ],
  taras: [
    [5, 'Приємно здивований: швидко, чисто, без зайвих слів.'],
    [
      2,
      'Почали на двадцять хвилин пізніше, а часу не додали.',
      'Перепрошуємо, це наша провина. Наступний візит для вас зі знижкою.',
    ],
    [4, 'Гарний результат, ціна відповідає.'],
  ],
  sofia: [
    [5, 'Найкращий майстер у місті, ходжу вже пів року.', 'Дуже приємно це чути!'],
    [5, ''],
    [4, 'Все сподобалося, але музика була загучна.'],
  ],
  anna: [
    [5, 'Очень внимательно и без спешки. Приду ещё.', 'Спасибо, Анна! Будем рады.'],
    [4, 'Хорошо, хотя запись пришлось перенести.'],
  ],
  maria: [
    [5, 'Puntual, amable y muy profesional. Repetiré seguro.', '¡Gracias, María! Hasta pronto.'],
    [4, 'Muy bien en general; la sala era un poco pequeña.'],
  ],
}

const nameOf = (email: string): string => email.split('@')[0]!

/** Some of those who came say how it was, and some are answered; each so-and-so-many-th, so that it takes no time to speak of. */
export async function sayHowItWas(story: Story, each: number): Promise<void> {
  const { app, ask } = story
  const past = await app.house.db
    .selectFrom('bookings')
    .innerJoin('users as customer', 'customer.id', 'bookings.customer_id')
    .innerJoin('users as provider', 'provider.id', 'bookings.provider_id')
    .where('bookings.status', '=', 'completed')
    .where('bookings.reviewed_at', 'is', null)
    .select(['bookings.id', 'customer.email as customer', 'provider.email as provider'])
    .orderBy('bookings.id')
    .execute()
  const chosen = past
    .filter((_, i) => i % each === 0)
    .map((booking) => ({ ...booking, said: pick(story, sayings[nameOf(booking.customer)] ?? inEnglish) }))
  await inLanes(chosen, async ({ id, customer, provider, said: [rating, text, answer] }) => {
    const review = await ask('POST', `/bookings/${id}/review/`, customer, { rating, text })
    if (answer !== undefined) await ask('POST', `/reviews/${review.id}/answer/`, provider, { text: answer })
  })
}
