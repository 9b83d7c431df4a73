import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { openHouse, type Person } from '../../../test/support.ts'
import { notify } from './index.ts'

const house = await openHouse()
const told = async (who: Person, language = 'en') => {
  const headers = { 'accept-language': language }
  const { body } = await house.call('GET', '/api/v1/notifications/', { token: who.token, headers })
  return body['data'].results as { kind: string; title: string; body: string }[]
}
const entriesOf = async ({ id }: Person) => {
  const rows = await house.house.db.selectFrom('stream_entries').where('user_id', '=', id).select('data').execute()
  return JSON.stringify(rows)
}
const leave = async ({ token, password }: Person): Promise<void> => {
  const gone = await house.call('DELETE', '/api/v1/auth/profile/', { token, json: { password } })
  assert.equal(gone.status, 200, gone.text)
}
const write = (to: Person, who: Person, n = 1, kind = 'chat_message'): Promise<unknown> =>
  notify(house.ctx(), {
    userId: to.id,
    kind,
    title: 'New message from {name}',
    body: 'Open the chat to read it.',
    params: { name: 'Iryna Kovalenko' },
    people: { name: who.id },
    target: { kind: 'chat', id: n },
  })

test('the name of an erased person leaves the notifications of others and what their sockets are still to be told', async () => {
  const [jane, gone, stays] = [await house.person(), await house.person(), await house.person()]
  await write(jane, gone)
  await write(jane, stays, 2)
  await house.drain()
  assert.match(await entriesOf(jane), /Iryna Kovalenko.*Iryna Kovalenko/)

  await leave(gone)
  await house.drain(true)

  const titles = (await told(jane)).map(({ title }) => title).filter((title) => title.startsWith('New'))
  assert.deepEqual(titles, ['New message from Iryna Kovalenko', 'New message from Deleted account'])
  assert.equal((await entriesOf(jane)).match(/Iryna/g)?.length, 1)
  assert.match(await entriesOf(jane), /New message from Deleted account/)
  const raw = await house.house.db.selectFrom('notifications').where('user_id', '=', jane.id).select('params').execute()
  assert.equal(JSON.stringify(raw).match(/Iryna/g)?.length, 1)
})

test('who reads it in another language reads that the account is deleted in theirs', async () => {
  const [jane, gone] = [await house.person(), await house.person()]
  await write(jane, gone)
  await leave(gone)
  await house.drain(true)

  assert.ok((await told(jane, 'uk')).some(({ title }) => title.includes('Видалений акаунт')))
})

test('a mail that waits for the end of quiet hours is told without the name too', async () => {
  const [jane, gone] = [await house.person(), await house.person()]
  await house.drain(true)
  const id = (await write(jane, gone, 1, 'booking_cancelled')) as number
  const { rows } = await house.house.pool.query('SELECT data FROM pgboss.job WHERE data::text LIKE $1', [
    `%"notification_id": ${id}}%`,
  ])
  await leave(gone)
  await house.drain(true)

  // As it was written into the queue, with the name.
  const { data } = rows[0].data
  await house.house.jobs.enqueue(house.ctx(), 'notifications.mail', { ...data, id: randomUUID() })
  await house.drain()

  const [mail] = await house.mails(jane.email)
  assert.match(mail!.subject, /New message from Deleted account/)
})

test('a name that stands in very many notifications leaves all of them', async () => {
  const [gone, ...readers] = [await house.person(), await house.person(), await house.person()]
  await house.drain()
  for (const reader of readers) for (let n = 0; n < 600; n++) await write(reader, gone, n)

  await leave(gone)
  await house.drain(true)

  const left = await house.house.db
    .selectFrom('notifications')
    .where('params', '@>', JSON.stringify({ name: 'Iryna Kovalenko' }))
    .where(
      'user_id',
      'in',
      readers.map(({ id }) => id),
    )
    .select('id')
    .execute()
  assert.deepEqual(left, [])
})

test('what was being told while the account was erased, with a name read before, loses it a quarter of an hour later', async () => {
  const gone = await house.person()
  await leave(gone)
  await house.drain()

  const { rows } = await house.house.pool.query(
    `SELECT start_after AS at FROM pgboss.job WHERE data::text LIKE '%notifications.forget_name%' AND data::text LIKE $1 ORDER BY 1`,
    [`%"user_id": ${gone.id}%`],
  )
  assert.equal(rows.length, 2)
  assert.ok(rows.some(({ at }) => at.equals(house.ctx().now.add({ minutes: 15 }))))
})
