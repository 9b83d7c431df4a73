import assert from 'node:assert/strict'
import { test } from 'node:test'
import readXlsx from 'read-excel-file/node'
import { openHouse, type Answer, type Person } from '../../../test/support.ts'

/** What the figures tell of bookings and payments made through the API. */

const house = await openHouse({ PLATFORM_FEE_PERCENT: '10' })
const root = await house.person('super_admin')
const provider = await house.person('provider')
const customer = await house.person('customer')
const call = async (who: Person, method: 'GET' | 'POST' | 'DELETE', path: string, json?: object): Promise<Answer> => {
  const answer = await house.call(method, `/api/v1/${path}`, { token: who.token, ...(json ? { json } : {}) })
  assert.ok(answer.status < 300, `${path}: ${answer.text}`)
  return answer
}
for (let weekday = 1; weekday <= 5; weekday++)
  await call(provider, 'POST', 'schedules/', {
    kind: 'weekly',
    weekday,
    start_time: '09:00',
    end_time: '17:00',
    time_zone: 'UTC',
  })
const offer = async (title: string, price: number): Promise<number> =>
  (await call(provider, 'POST', 'services/', { title, description: 'An hour', price })).body['data'].id
const massage = await offer('=HYPERLINK("http://evil.example.com")', 100.1)
const advice = await offer('Ünlü, "quoted"', 20)

async function pay(service: number, date: string): Promise<{ booking: number; payment: number }> {
  const booking = (await call(customer, 'POST', 'bookings/', { service, date })).body['data'].id
  const intent = (await call(customer, 'POST', 'payments/stripe/create-intent/', { booking_id: booking })).body['data']
  const { payment_intent_id } = intent
  await call(customer, 'POST', 'payments/stripe/confirm-payment/', {
    payment_intent_id,
    payment_method: 'pm_card_visa',
  })
  await house.drain()
  return { booking, payment: intent.payment.id }
}
const first = await pay(massage, '2026-01-13T10:00:00Z')
await pay(massage, '2026-01-14T10:00:00Z')
const gone = await pay(advice, '2026-01-15T10:00:00Z')
await call(provider, 'POST', 'payments/stripe/refund/', { payment_id: first.payment, amount: 50.05, reason: 'Late' })
await call(customer, 'DELETE', `bookings/${gone.booking}/`, {})
await house.drain()

const stats = async (who: Person, query = 'from=2026-01-12&to=2026-01-18&time_zone=UTC') =>
  (await call(who, 'GET', `dashboard/stats/?${query}`)).body['data']

test('Money is what the books say: what was charged, what went back, the fee in proportion', async () => {
  assert.deepEqual((await stats(provider)).money, [
    { currency: 'USD', booked: 200.2, charged: 220.2, refunded: 70.05, disputed: 0, fees: 15.01, net: 135.14 },
  ])
  assert.deepEqual((await stats(root)).money, (await stats(provider)).money)
  assert.deepEqual((await stats(customer)).money, [
    { currency: 'USD', booked: 200.2, charged: 220.2, refunded: 70.05, disputed: 0, fees: null, net: 150.15 },
  ])
})

test('What the dashboards tell of money is what the withdrawals tell', async () => {
  const { available, pending } = (await call(provider, 'GET', 'withdrawals/balance/')).body['data']

  const [money] = (await stats(provider)).money

  assert.equal(Math.round((available + pending) * 100), Math.round(money.net * 100))
})

test('Bookings, customers, services and occupancy of a week', async () => {
  const { bookings, customers, services, occupancy, people } = await stats(provider)

  assert.equal(bookings.total, 3)
  assert.deepEqual([bookings.confirmed, bookings.cancelled, bookings.created], [2, 1, 3])
  assert.equal(bookings.cancellation_rate, 0.3333)
  assert.deepEqual(customers, { total: 1, new: 1, returning: 0 })
  assert.deepEqual(
    services.map((row: { id: number; bookings: number }) => [row.id, row.bookings]),
    [[massage, 2]],
  )
  assert.deepEqual(occupancy, { open_minutes: 5 * 480, booked_minutes: 120, share: 0.05 })
  assert.equal(people, null)
})

test('Administrators see who registered, by the clocks of the zone they ask for', async () => {
  const span = 'from=2026-01-12&to=2026-01-12'

  const here = await stats(root, `${span}&time_zone=UTC`)
  const west = await stats(root, `${span}&time_zone=Pacific/Honolulu`)

  assert.deepEqual(here.people, { registered: 3, customers: 1, providers: 1, administrators: 1 })
  assert.equal(west.people.registered, 0)
})

test('The overview names what is to come, soonest first, and the thirty days before these', async () => {
  const { upcoming, last_30_days, previous_30_days } = (await call(provider, 'GET', 'dashboard/?time_zone=UTC')).body[
    'data'
  ]

  assert.deepEqual([upcoming.today, upcoming.next_7_days, upcoming.awaiting], [0, 2, 0])
  assert.deepEqual(
    upcoming.next.map((row: { date: string; customer_name: string }) => [row.date, row.customer_name]),
    [
      ['2026-01-13T10:00:00Z', 'Jane Smith'],
      ['2026-01-14T10:00:00Z', 'Jane Smith'],
    ],
  )
  assert.deepEqual([last_30_days.from, last_30_days.to], ['2025-12-14', '2026-01-12'])
  assert.deepEqual([previous_30_days.from, previous_30_days.to], ['2025-11-14', '2025-12-13'])
})

test('Weeks begin on Monday, every point is there, the first and the last are cut to the span', async () => {
  const { points } = (
    await call(
      provider,
      'GET',
      'dashboard/analytics/?from=2026-01-14&to=2026-01-28&interval=week&time_zone=Europe/Kyiv',
    )
  ).body['data']

  assert.deepEqual(
    points.map(({ date, from, to, bookings }: any) => [date, from, to, bookings.total]), // eslint-disable-line typescript/no-explicit-any -- an answer's body
    [
      ['2026-01-12', '2026-01-13T22:00:00Z', '2026-01-18T22:00:00Z', 2],
      ['2026-01-19', '2026-01-18T22:00:00Z', '2026-01-25T22:00:00Z', 0],
      ['2026-01-26', '2026-01-25T22:00:00Z', '2026-01-28T22:00:00Z', 0],
    ],
  )
})

for (const [query, field] of [
  ['from=2026-02-01&to=2026-01-01', 'to'],
  ['from=1999-12-31&to=2000-01-05', 'from'],
  ['from=2010-01-01&to=2026-01-01', 'to'],
  ['from=2025-01-01&to=2026-12-31&interval=day', 'interval'],
  ['interval=hour', 'interval'],
  ['time_zone=Mars/Olympus', 'time_zone'],
  ['from=2026-02-30', 'from'],
] as const)
  test(`A span that cannot be is refused: ${query}`, async () => {
    const answer = await house.call('GET', `/api/v1/dashboard/analytics/?${query}`, { token: provider.token })

    assert.equal(answer.status, 400, answer.text)
    assert.equal(answer.body['error'].details[0].field, field)
  })

test('A table comes by ?format=csv and by Accept, with a byte order mark, and no cell of it is a formula', async () => {
  const url = '/api/v1/dashboard/stats/?from=2026-01-12&to=2026-01-18&time_zone=UTC'
  const asked = await house.call('GET', `${url}&format=csv`, { token: provider.token })
  const accepted = await house.call('GET', url, { token: provider.token, headers: { accept: 'text/csv' } })
  const json = await house.call('GET', url, {
    token: provider.token,
    headers: { accept: 'application/json, text/csv;q=0.5' },
  })

  assert.equal(asked.status, 200)
  assert.equal(asked.text, accepted.text)
  assert.match(asked.headers['content-type']!, /^text\/csv; charset=utf-8/)
  assert.match(asked.headers['content-disposition']!, /attachment; filename="stats\.csv"/)
  assert.equal(asked.text.codePointAt(0), 0xfeff)
  const lines = asked.text.slice(1).split('\r\n')
  assert.equal(lines[0], 'figure,of,value')
  assert.ok(lines.includes('money_net,USD,135.14'), asked.text)
  assert.ok(lines.includes(`service_bookings,"'=HYPERLINK(""http://evil.example.com"")",2`), asked.text)
  assert.ok(!/(?:^|[\r\n,])"?[=+@]/.test(asked.text))
  assert.equal(json.body['success'], true)
})

test('A workbook comes by ?format=xlsx and by Accept, with amounts in their currency and no formula', async () => {
  const url = '/api/v1/dashboard/stats/?from=2026-01-12&to=2026-01-18&time_zone=UTC'
  const accept = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet, text/csv;q=0.5, */*;q=0.1'
  const asked = await house.call('GET', `${url}&format=xlsx`, { token: provider.token })
  const accepted = await house.call('GET', url, { token: provider.token, headers: { accept } })
  const stranger = await house.call('GET', `${url}&format=xlsx`)

  const [sheet] = await readXlsx(asked.bytes)
  const rows = new Map(sheet!.data.map(([figure, of, value]) => [`${String(figure)} ${String(of)}`, value]))
  assert.equal(asked.status, 200)
  assert.equal(asked.headers['content-type'], accept.split(',')[0])
  assert.equal(accepted.headers['content-type'], asked.headers['content-type'])
  assert.match(asked.headers['content-disposition']!, /attachment; filename="stats\.xlsx"/)
  assert.equal(asked.headers['vary'], 'Origin, Accept')
  assert.equal(rows.get('money_net USD'), 135.14)
  assert.deepEqual(rows.get('from null'), new Date('2026-01-12T00:00:00Z'))
  assert.equal(rows.get('service_bookings =HYPERLINK("http://evil.example.com")'), 2)
  assert.deepEqual([stranger.status, stranger.body['error'].error_number], [401, 'TOKEN_MISSING'])
})

test('A series as a table has a row for each point and a column for each figure and currency', async () => {
  const url = '/api/v1/dashboard/analytics/?from=2026-01-12&to=2026-01-18&time_zone=UTC&format=csv'
  const { text } = await house.call('GET', url, { token: provider.token })

  const [head, ...rows] = text
    .slice(1)
    .trimEnd()
    .split('\r\n')
    .map((line) => line.split(','))
  assert.equal(rows.length, 7)
  assert.ok(rows.every((row) => row.length === head!.length))
  assert.equal(rows[1]![head!.indexOf('bookings_total')], '1')
  assert.equal(rows[0]![head!.indexOf('money_USD_charged')], '220.2')
})
