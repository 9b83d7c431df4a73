import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, type Person } from '../../../test/support.ts'
import { inTransaction } from '../../platform/db/transaction.ts'
import { notify } from './index.ts'

const house = await openHouse({ TIME_ZONE: 'Europe/Kyiv' })
const tell = (person: Person, title = 'Your booking is confirmed') =>
  notify(house.ctx(), {
    userId: person.id,
    kind: 'booking_confirmed',
    title,
    body: 'Come at 14:00',
    target: { kind: 'booking', id: 7 },
  })
const titlesOf = async (person: Person, query = ''): Promise<string[]> => {
  const { body } = await house.call('GET', `/api/v1/notifications/${query}`, { token: person.token })
  return body['data'].results.map(({ title }: { title: string }) => title)
}

test('Whoever registers is welcomed once, by name and in the language of their profile', async () => {
  const jane = await house.person()
  await house.drain()

  const ukrainian = await house.call('GET', '/api/v1/notifications/', {
    token: jane.token,
    headers: { 'accept-language': 'uk' },
  })
  const english = await house.call('GET', '/api/v1/notifications/', { token: jane.token })

  assert.equal(english.body['data'].count, 1)
  assert.deepEqual(
    { ...english.body['data'].results[0], id: 1 },
    {
      id: 1,
      kind: 'welcome',
      title: 'Welcome to Banister, Jane!',
      body: 'Complete your profile so that others know who you are.',
      target: { kind: 'profile', id: jane.id },
      is_read: false,
      read_at: null,
      created_at: '2026-01-12T08:00:00Z',
    },
  )
  assert.match(ukrainian.body['data'].results[0].title, /^Вітаємо .*Jane/)
})

test('Notifications come newest first, by pages, and filtered by whether they are read', async () => {
  const jane = await house.person()
  await tell(jane, 'first')
  const second = await tell(jane, 'second')
  await tell(jane, 'third')
  await house.call('POST', `/api/v1/notifications/mark-read/${second}/`, { token: jane.token })

  assert.deepEqual(await titlesOf(jane), ['third', 'second', 'first'])
  assert.deepEqual(await titlesOf(jane, '?unread=true'), ['third', 'first'])
  assert.deepEqual(await titlesOf(jane, '?unread=false'), ['second'])
  assert.deepEqual(await titlesOf(jane, '?page_size=2&page=2'), ['first'])
})

test('Marking as read can be repeated and keeps the first time', async () => {
  const jane = await house.person()
  const id = await tell(jane)

  const first = await house.call('POST', `/api/v1/notifications/mark-read/${id}/`, { token: jane.token })
  house.pass({ hours: 1 })
  const again = await house.call('POST', `/api/v1/notifications/mark-read/${id}/`, {
    token: (await signIn(jane)).token,
  })

  assert.equal(first.body['message'], 'Notification marked as read')
  assert.deepEqual(again.body['data'], first.body['data'])
})

test('All of one’s own can be marked as read and deleted at once, and nobody else’s', async () => {
  const jane = await house.person()
  const john = await house.person()
  for (const person of [jane, jane, john]) await tell(person)

  const marked = await house.call('POST', '/api/v1/notifications/mark-read/', { token: jane.token })
  const deleted = await house.call('DELETE', '/api/v1/notifications/clear-all/', { token: jane.token })

  assert.deepEqual(marked.body['data'], { updated: 2 })
  assert.deepEqual(deleted.body['data'], { deleted: 2 })
  assert.equal((await titlesOf(jane)).length, 0)
  assert.equal((await titlesOf(john, '?unread=true')).length, 1)
})

test('Another’s notification is not there to read or delete', async () => {
  const jane = await house.person()
  const john = await house.person()
  const id = await tell(jane)

  const read = await house.call('POST', `/api/v1/notifications/mark-read/${id}/`, { token: john.token })
  const deleted = await house.call('DELETE', `/api/v1/notifications/${id}/`, { token: john.token })
  const own = await house.call('DELETE', `/api/v1/notifications/${id}/`, { token: jane.token })
  const gone = await house.call('DELETE', `/api/v1/notifications/${id}/`, { token: jane.token })

  assert.deepEqual([read.status, deleted.status, own.status, gone.status], [404, 404, 200, 404])
})

test('What is told in a transaction that fails was never told', async () => {
  const jane = await house.person()

  await assert.rejects(
    inTransaction(house.ctx(), async (tx) => {
      await notify(tx, { userId: jane.id, kind: 'test', title: 'never', body: '' })
      throw new Error('undone')
    }),
  )

  assert.deepEqual(await titlesOf(jane), [])
})

test('Read ones go after 30 days, all of them after two months of the calendar', async () => {
  const jane = await house.person()
  const read = await tell(jane, 'read')
  await tell(jane, 'unread')
  await house.call('POST', `/api/v1/notifications/mark-read/${read}/`, { token: jane.token })
  const left = async (): Promise<string[]> =>
    (
      await house.house.db
        .selectFrom('notifications')
        .where('user_id', '=', jane.id)
        .select('title')
        .orderBy('id')
        .execute()
    ).map(({ title }) => title)

  house.pass({ hours: 30 * 24 })
  await house.house.jobs.run('notifications.delete-read')
  assert.deepEqual(await left(), ['read', 'unread'])
  house.pass({ minutes: 1 })
  await house.house.jobs.run('notifications.delete-read')
  assert.deepEqual(await left(), ['unread'])
  // From 12 January two months of 31 and 28 days.
  house.pass({ hours: 29 * 24 - 1 })
  await house.house.jobs.run('notifications.delete-old')
  assert.deepEqual(await left(), ['unread'])
  house.pass({ hours: 1 })
  await house.house.jobs.run('notifications.delete-old')
  assert.deepEqual(await left(), [])
})

async function signIn(person: Person): Promise<Person> {
  const { body } = await house.call('POST', '/api/v1/auth/login/', {
    json: { email: person.email, password: person.password },
  })
  return { ...person, token: body['data'].access }
}
