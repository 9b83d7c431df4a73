import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { openHouse } from '../../../test/support.ts'
import { startFcm } from '../../platform/push/fake-fcm.fixture.ts'
import { startSink } from '../../platform/mail/smtp.fixture.ts'

/** Mail and push fail for an hour: nobody waits for them, nothing is lost, everybody can see it. */

const fcm = await startFcm()
let isDown = true
const sink = await startSink({}, () => (isDown ? Object.assign(new Error('later'), { responseCode: 451 }) : undefined))
const house = await openHouse({
  ...fcm.environment,
  EMAIL_HOST: '127.0.0.1',
  EMAIL_PORT: String(sink.port),
  EMAIL_USE_TLS: 'false',
})
after(() => fcm.stop())
after(() => sink.stop())

/** Does what is due as the workers of a process do it: what fails holds up nobody else, and is tried again by the next call. */
const work = async (): Promise<void> => {
  for (let failures = 0; failures < 60; failures++) {
    try {
      await house.drain()
      break
    } catch {
      await sql`UPDATE pgboss.job SET state = 'created' WHERE state = 'active'`.execute(house.house.db)
    }
  }
  await sql`UPDATE pgboss.job SET start_after = now() WHERE state = 'retry'`.execute(house.house.db)
}
const health = async () => (await house.call('GET', '/api/v1/health/')).body['data']
const metric = async (line: RegExp): Promise<string | undefined> =>
  line.exec((await house.call('GET', '/metrics')).text)?.[1]
const to = (email: string): number =>
  sink.received.filter(({ raw }) => raw.includes(`To: ${email}`) && /^Subject: (?:Your booking|New booking)/m.test(raw))
    .length
const shown = (token: string): number =>
  fcm.sent.filter(
    (message) => message.token === token && (message['data'] as { kind: string }).kind === 'booking_created',
  ).length
const signIn = async (email: string, password: string): Promise<string> =>
  (await house.call('POST', '/api/v1/auth/login/', { json: { email, password } })).body['data'].access

test('An hour without mail and push blocks no booking, loses no message, and stands in health and metrics', async () => {
  const provider = await house.person('provider')
  const customer = await house.person()
  for (const [person, token] of [
    [provider, 'phone of the provider'],
    [customer, 'phone of the customer'],
  ] as const)
    await house.call('POST', '/api/v1/notifications/devices/', {
      token: person.token,
      json: { token: token.replaceAll(' ', '-'), platform: 'android' },
    })
  for (let weekday = 1; weekday <= 7; weekday++)
    await house.call('POST', '/api/v1/schedules/', {
      token: provider.token,
      json: { kind: 'weekly', weekday, start_time: '09:00', end_time: '17:00', time_zone: 'UTC' },
    })
  const offered = await house.call('POST', '/api/v1/services/', {
    token: provider.token,
    json: { title: 'Massage', description: 'An hour', price: 50, payment: 'on_site' },
  })
  fcm.mood = { status: 503 }

  // Every ten minutes of the hour somebody books, and the workers try in vain.
  const booked: number[] = []
  for (let i = 0; i < 6; i++) {
    const token = await signIn(customer.email, customer.password)
    const json = { service: offered.body['data'].id, date: `2026-01-20T${String(9 + i).padStart(2, '0')}:00:00Z` }
    booked.push((await house.call('POST', '/api/v1/bookings/', { token, json })).status)
    await work()
    house.pass({ minutes: 10 })
  }
  await work()
  await work()
  const during = await health()
  const [mailUp, pushUp, waiting] = [
    await metric(/^outside_service_up\{service="mail"\} (\d)/m),
    await metric(/^outside_service_up\{service="push"\} (\d)/m),
    await metric(/^jobs\{queue="push",state="(retry)"\} \d/m),
  ]
  assert.deepEqual(booked, [201, 201, 201, 201, 201, 201])
  assert.deepEqual(
    [during.status, during.dependencies.mail.status, during.dependencies.push.status],
    ['degraded', 'down', 'down'],
  )
  assert.deepEqual([mailUp, pushUp, waiting], ['0', '0', 'retry'])

  // They are back: each message comes, once.
  isDown = false
  fcm.mood = null
  for (let round = 0; round < 4; round++) {
    house.pass({ minutes: 2 })
    await work()
  }

  assert.deepEqual([to(customer.email), to(provider.email)], [6, 6])
  assert.deepEqual([shown('phone-of-the-customer'), shown('phone-of-the-provider')], [6, 6])
  const later = await health()
  assert.deepEqual([later.dependencies.mail.status, later.dependencies.push.status], ['ok', 'ok'])
  assert.equal(await metric(/^push_messages\{result="refused"\} (\d+)/m), '0')
  assert.deepEqual(await house.house.jobs.dead(), [])
})
