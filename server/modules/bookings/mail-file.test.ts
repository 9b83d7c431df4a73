import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import ICAL from 'ical.js'
import PostalMime from 'postal-mime'
import { openHouse } from '../../../test/support.ts'
import { startSink } from '../../platform/mail/smtp.fixture.ts'
import { book, offer, openHours } from './support.fixture.ts'

const sink = await startSink()
const house = await openHouse({ EMAIL_HOST: '127.0.0.1', EMAIL_PORT: String(sink.port), EMAIL_USE_TLS: 'false' })
after(() => sink.stop())

test('the mail of a confirmed booking bears its calendar file, and a repeated job is the same mail', async () => {
  const provider = await house.person('provider', { first_name: 'Jane', last_name: 'Smith' })
  await openHours(house, provider)
  const service = await offer(house, provider, { title: 'Massage' })
  const approved = await offer(house, provider, { title: 'By agreement', price: 0, requires_approval: true })
  const guest = { name: 'Olena', email: 'olena@example.com' }
  const booked = await book(house, provider, service, '2026-01-14T09:00:00Z', { guest })
  const customer = await house.person('customer')
  await book(house, customer, approved, '2026-01-14T11:00:00Z')
  await house.drain()
  const { id } = booked.body['data']

  const raws = sink.received.filter(({ to }) => to.includes(guest.email) || to.includes(customer.email))
  const mails = await Promise.all(raws.map(({ raw }) => PostalMime.parse(raw)))
  const confirmed = mails.find(({ subject }) => subject === 'Your booking is confirmed')!
  const request = mails.find(({ subject }) => subject === 'Your booking request was sent')!

  const [file] = confirmed.attachments
  assert.equal(file?.filename, 'booking.ics')
  assert.equal(file?.mimeType, 'text/calendar')
  const text = typeof file.content === 'string' ? file.content : new TextDecoder().decode(file.content)
  const event = new ICAL.Event(new ICAL.Component(ICAL.parse(text)).getFirstSubcomponent('vevent')!)
  assert.equal(event.uid, `booking-${id}@localhost`)
  assert.equal(event.startDate.toString(), '2026-01-14T09:00:00Z')
  assert.equal(request.attachments.length, 0)
})
