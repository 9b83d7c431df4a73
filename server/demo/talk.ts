import { administrators, providers } from './people.ts'
import type { Story } from './story.ts'

const manager = administrators[0].email
const address = (name: string): string => `${name}@example.com`

/** The manager may look after people, bookings and documents; the admin after people. */
export async function grantPermissions({ ask, idOf }: Story): Promise<void> {
  const grant = (email: string, permissions: string[]): Promise<unknown> =>
    ask('POST', '/auth/admin/permissions/grant/', address('demo.superadmin'), {
      admin_user_id: idOf(email),
      permissions,
    })
  await grant(manager, ['user_management', 'booking_management', 'document_management', 'service_management'])
  await grant(address('demo.admin'), ['user_management', 'service_management'])
}

type Line = [from: string, to: string, text: string]

/** Questions before a booking; the last of them waits for its answer. */
const inquiries: { service: string; lines: Line[] }[] = [
  {
    service: 'Урок математики',
    lines: [
      ['olena', 'dmytro', 'Добрий день! Чи берете дев’ятий клас? Донька боїться геометрії.'],
      ['dmytro', 'olena', 'Добрий день! Так, почнемо з трикутників. Найзручніше у вівторок після 16:00.'],
      ['olena', 'dmytro', 'Чудово, запишу її на вівторок. Дякую!'],
    ],
  },
  {
    service: 'Portrait session',
    lines: [
      ['liam', 'giorgi', 'Hi! Could we do it in the mountains instead of the studio?'],
      ['giorgi', 'liam', 'With pleasure: Kazbegi is two hours away. I would add the fuel, nothing else.'],
      ['liam', 'giorgi', 'Perfect. What if it rains?'],
    ],
  },
]

const support: { who: string; lines: string[]; answer?: string; thanks?: string }[] = [
  {
    who: 'customer',
    lines: ['Hello, I paid for a booking twice, I think.', 'One of the two charges was at 9:14.'],
    answer: 'Hello John, one of them is only a reservation of the bank and goes away within three days.',
    thanks: 'Thank you, that was quick!',
  },
  { who: 'maria', lines: ['Hola, ¿puedo cambiar el correo de mi cuenta?', 'El antiguo ya no lo uso.'] },
]

/** Chats: inquiries, the talk of those who have a booking, and the support with one who waits. */
export async function talk(story: Story): Promise<void> {
  const { ask, idOf } = story
  const say = (from: string, to: string, text: string, more: object = {}) =>
    ask('POST', '/message/messages/', address(from), { recipient_id: idOf(address(to)), text, ...more })
  for (const { service, lines } of inquiries) {
    const { id: service_id } = await story.app.house.db
      .selectFrom('services')
      .where('title', '=', service)
      .select('id')
      .executeTakeFirstOrThrow()
    for (const [i, [from, to, text]] of lines.entries()) {
      const { chat_id } = await say(from, to, text, i === 0 ? { service_id } : {})
      // Who answers has read; the last line is new to whom it is for.
      if (i > 0) await ask('POST', `/message/chats/${String(chat_id)}/read/`, address(from), {})
    }
  }
  await talkOfBooking(story, say)
  for (const { who, lines, answer, thanks } of support) {
    let chat: unknown = null
    for (const text of lines) chat = (await ask('POST', '/message/support/', address(who), { text }))['chat_id']
    if (answer) await ask('POST', '/message/messages/', manager, { chat_id: chat, text: answer })
    if (thanks) await ask('POST', '/message/support/', address(who), { text: thanks })
  }
}

/** John Doe and a provider that he is going to see. */
async function talkOfBooking(
  { app, idOf }: Story,
  say: (from: string, to: string, text: string) => Promise<unknown>,
): Promise<void> {
  const ids = providers.map(({ email }) => idOf(email))
  const booking = await app.house.db
    .selectFrom('bookings')
    .innerJoin('users', 'users.id', 'bookings.provider_id')
    .where('customer_id', '=', idOf(address('customer')))
    .where('provider_id', 'in', ids)
    .where('status', 'in', ['pending', 'confirmed'])
    .orderBy('starts_at', 'desc')
    .select('email')
    .executeTakeFirst()
  if (!booking) return
  const provider = booking.email.replace(/@.*/, '')
  await say('customer', provider, 'Looking forward to it. Is there anything that I should bring?')
  await say(provider, 'customer', 'Only yourself! If you are late, write here.')
}

const pdf = (words: string): string =>
  `%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n` +
  `3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 420 297]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>\nendobj\n` +
  `4 0 obj\n<</Length ${words.length + 37}>>\nstream\nBT /F 18 Tf 40 200 Td (${words}) Tj ET    \nendstream\nendobj\n` +
  `5 0 obj\n<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>\nendobj\ntrailer\n<</Root 1 0 R>>\n%%EOF\n`

/** Providers show papers: one is approved and makes its owner verified, one waits for a review. Where no files can be kept, there are none. */
export async function showPapers(story: Story): Promise<void> {
  const upload = (email: string, title: string, type: string) => {
    const edge = 'a-paper-of-the-demo'
    const part = (head: string, body: string): string =>
      `--${edge}\r\ncontent-disposition: form-data; ${head}\r\n\r\n${body}\r\n`
    const payload = Buffer.from(
      part('name="title"', title) +
        part('name="type"', type) +
        part('name="file"; filename="paper.pdf"\r\ncontent-type: application/pdf', pdf('A paper of the demo')) +
        `--${edge}--\r\n`,
    )
    return story.attempt('POST', '/documents/', email, {
      payload,
      headers: { 'content-type': `multipart/form-data; boundary=${edge}` },
    })
  }
  const passport = await upload(providers[0]!.email, 'Passport', 'identity')
  await upload(address('dmytro'), 'Диплом учителя математики', 'certificate')
  await story.settle()
  if (passport) await story.ask('PUT', `/documents/${passport.id}/`, manager, { status: 'approved' })
}
