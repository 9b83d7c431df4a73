import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import PostalMime from 'postal-mime'
import { openHouse, type Person } from '../../../test/support.ts'
import { startSink } from '../../platform/mail/smtp.fixture.ts'
import { notify } from './index.ts'

const sink = await startSink()
after(() => sink.stop())
const house = await openHouse({
  EMAIL_HOST: '127.0.0.1',
  EMAIL_PORT: String(sink.port),
  EMAIL_USE_TLS: 'false',
  PUBLIC_URL: 'https://banister.example',
})
const tell = async (person: Person, kind: string) => {
  const before = sink.received.length
  await notify(house.ctx(), { userId: person.id, kind, title: 'Reminder', body: 'Come' })
  await house.drain()
  const received = await Promise.all(sink.received.slice(before).map(({ raw }) => PostalMime.parse(raw)))
  return received.filter(({ subject }) => subject === 'Reminder')
}
const headerOf = (mail: { headers: { key: string; value: string }[] } | undefined, name: string): string | undefined =>
  mail?.headers.find(({ key }) => key === name)?.value
const linkIn = async (person: Person): Promise<string> => {
  const [mail] = await tell(person, 'booking_reminder')
  const link = /^<https:\/\/banister\.example(\/unsubscribe\/\?token=[\w.]+)>$/.exec(
    headerOf(mail, 'list-unsubscribe') ?? '',
  )
  return link?.[1] ?? ''
}
const oneClick = { 'content-type': 'application/x-www-form-urlencoded' }
const payload = 'List-Unsubscribe=One-Click'

test('A mail program ends such mails with one request, without signing in (RFC 8058)', async () => {
  const jane = await house.person()
  const [mail] = await tell(jane, 'booking_reminder')
  const link = await linkIn(jane)

  const answer = await house.call('POST', link, { headers: oneClick, payload })
  const again = await house.call('POST', link, { headers: oneClick, payload })

  assert.equal(headerOf(mail, 'list-unsubscribe-post'), 'List-Unsubscribe=One-Click')
  assert.deepEqual([answer.status, again.status], [200, 200])
  assert.equal((await tell(jane, 'booking_reminder')).length, 0)
  assert.equal((await tell(jane, 'payment_refunded')).length, 1)
})

test('Opening the link changes nothing and shows a button that posts', async () => {
  const jane = await house.person()
  const link = await linkIn(jane)

  const page = await house.call('GET', link, { headers: { 'accept-language': 'es' } })

  assert.match(page.text, /<html lang="es">.*<form method="post"><button>Cancelar la suscripción<\/button>/s)
  assert.match(page.headers['content-security-policy'] ?? '', /script-src 'none'.*form-action 'self'/)
  assert.equal(page.headers['cache-control'], 'no-store')
  assert.equal((await tell(jane, 'booking_reminder')).length, 1)
  const pressed = await house.call('POST', link, { headers: oneClick, payload: '' })
  assert.match(pressed.text, /You get no more mails about this/)
  assert.equal((await tell(jane, 'booking_reminder')).length, 0)
})

test('It works with multipart forms too, which RFC 8058 allows', async () => {
  const jane = await house.person()
  const link = await linkIn(jane)
  const headers = { 'content-type': 'multipart/form-data; boundary=x' }
  const body = `--x\r\ncontent-disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n`

  const answer = await house.call('POST', link, { headers, payload: body })

  assert.deepEqual([answer.status, (await tell(jane, 'booking_reminder')).length], [200, 0])
})

test('A link that is forged, or of somebody or something else, ends nothing', async () => {
  const jane = await house.person()
  const john = await house.person()
  const link = await linkIn(jane)
  const others = [
    link.replace(`token=${jane.id}.`, `token=${john.id}.`),
    link.replace('.reminders.', '.waiting_list.'),
    link.replace('.reminders.', '.payments.'),
    link.slice(0, -1),
    `${link}0`,
    '/unsubscribe/',
    '/unsubscribe/?token=a&token=b',
  ]

  for (const other of others) {
    const page = await house.call('GET', other)
    const posted = await house.call('POST', other, { headers: oneClick, payload })
    assert.deepEqual([page.status, posted.status], [404, 404], other)
  }
  assert.equal((await tell(john, 'booking_reminder')).length, 1)
})

test('Essential mails bear no way out', async () => {
  const jane = await house.person()

  const [mail] = await tell(jane, 'payment_refunded')

  assert.deepEqual([headerOf(mail, 'list-unsubscribe'), /unsubscribe/i.test(mail?.text ?? '')], [undefined, false])
})
