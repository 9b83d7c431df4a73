import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import { openHouse } from '../../../../test/support.ts'
import { startGoogle } from '../fake/google.fixture.ts'
import { createCalendarProvider } from './calendar.ts'
import { ConsentGone, GoogleFailed, GoogleRefused } from './errors.ts'

const google = await startGoogle()
after(() => google.stop())
const house = await openHouse({
  ...google.oauth,
  ...google.account,
  GOOGLE_SERVICE_ACCOUNT_SUBJECT: 'boss@work.example',
})
const event = { id: 'abcde', start: { dateTime: '2026-01-13T09:00:00Z' }, end: { dateTime: '2026-01-13T10:00:00Z' } }
const open = () => createCalendarProvider(house.house, 300)

beforeEach(() => {
  Object.assign(google, { mood: null, tokenMood: null })
})

test('A Google that says nothing is given up in time, and left alone for a while when it goes on', async () => {
  const provider = open()
  google.mood = { hang: true }

  for (let i = 0; i < 5; i++) await assert.rejects(provider.get('platform', 'primary', 'abcde'), GoogleFailed)
  google.mood = null

  assert.equal(provider.circuit.state(), 'open')
  await assert.rejects(provider.get('platform', 'primary', 'abcde'), { name: 'CircuitOpen' })
  house.pass({ seconds: 31 })
  await provider.insert('platform', 'primary', event)
  assert.equal(provider.circuit.state(), 'closed')
})

test('The service account acts for whom it was told to, and an access token that was withdrawn is replaced at once', async () => {
  const provider = open()
  await provider.get('platform', 'primary', 'abcde')
  const before = google.consents.signIns
  google.consents.access.clear()

  const found = await provider.get('platform', 'primary', 'abcde')

  assert.equal(found.id, 'abcde')
  assert.equal(google.consents.subject, 'boss@work.example')
  assert.equal(google.consents.signIns, before + 1)
})

test('What is refused is told by Google’s own word, a limit passes, and neither makes Google be left alone', async () => {
  const provider = open()

  await assert.rejects(
    provider.get('platform', 'primary', 'nothere'),
    (error) => error instanceof GoogleRefused && error.status === 404 && error.reason === 'notFound',
  )
  google.mood = { status: 403, reason: 'rateLimitExceeded' }
  for (let i = 0; i < 6; i++)
    await assert.rejects(
      provider.get('platform', 'primary', 'abcde'),
      (error) => error instanceof GoogleFailed && !error.ill,
    )

  assert.equal(provider.circuit.state(), 'closed')
})

test('A consent that is gone is told apart from a Google that is away, and a service account that may not sign in harms no person', async () => {
  const provider = open()
  const person = { connectionId: 1, consent: 1, refreshToken: 'refresh-none' }

  await assert.rejects(
    provider.get(person, 'primary', 'abcde'),
    (error) => error instanceof ConsentGone && error.of?.connectionId === 1,
  )
  google.tokenMood = { status: 503 }
  await assert.rejects(provider.get(person, 'primary', 'abcde'), GoogleFailed)
  google.tokenMood = { status: 401 }
  for (let i = 0; i < 6; i++) await assert.rejects(open().get('platform', 'primary', 'abcde'), GoogleFailed)

  assert.equal(provider.circuit.state(), 'closed')
})
