import assert from 'node:assert/strict'
import { test } from 'node:test'
import { join } from '../../../test/company.ts'
import { openHouse, type Person } from '../../../test/support.ts'
import { form, pdf } from '../../platform/files/samples.fixture.ts'
import { idOf, openOffice } from './support.fixture.ts'

const house = await openHouse()
const office = await openOffice(house, 4)
const { admin, organization, stranger, ask } = office
const [invited, reader, writer, colleague] = office.others as [Person, Person, Person, Person]

const calendar = idOf(await ask('POST', 'calendars/', admin, { name: 'Plans', organization_id: organization }))
for (const [user_id, access] of [
  [reader.id, 'read'],
  [writer.id, 'write'],
] as const)
  await ask('POST', `calendars/${calendar}/shares/`, admin, { user_id, access })
const id = idOf(await office.event(admin, { calendar_id: calendar, participants: [{ user_id: invited.id }] }))

const comment = (who: Person) => ask('POST', `events/${id}/comments/`, who, { text: 'I bring the plans' })
const bring = ({ token }: Person) => house.call('POST', `/api/v1/events/${id}/attachments/`, { token, ...form(pdf()) })
const hand = async (who: Person) => {
  const { body } = await house.call('POST', '/api/v1/files/attachments/', { token: who.token, ...form(pdf()) })
  return ask('POST', `events/${id}/attachments/`, who, { attachment_ids: [body['data'].id] })
}
const each = async (who: Person) => [await comment(who), await bring(who), await hand(who)].map(({ status }) => status)
const counts = async (who: Person): Promise<number[]> =>
  (await Promise.all(['comments', 'attachments'].map((what) => ask('GET', `events/${id}/${what}/`, who)))).map(
    ({ body }) => body['data'].count,
  )

test('The organizer, who is invited and who may write in the calendar comment on an event and attach files', async () => {
  await ask('POST', `events/${id}/respond/`, invited, { status: 'declined' })

  const done = [await each(admin), await each(invited), await each(writer)]

  assert.deepEqual(done.flat(), Array(9).fill(201))
  assert.deepEqual(await counts(admin), [3, 6])
})

test('Who may only read an event reads what is said and brought, and adds nothing to it', async () => {
  const before = await counts(admin)

  const refused = await each(reader)

  assert.deepEqual(refused, [403, 403, 403])
  assert.deepEqual(await counts(reader), before)
  assert.deepEqual(await counts(admin), before)
})

test('For a colleague without access, a stranger and another organization the event is not there', async () => {
  const before = await counts(admin)
  const foreign = await join(house, office.elsewhere, stranger, 'admin')

  const refused = [await each(colleague), await each(stranger), await each(foreign)]

  assert.deepEqual(refused.flat(), Array(9).fill(404))
  assert.deepEqual(await counts(admin), before)
})

test('Who was taken out of an event adds nothing to it any more', async () => {
  const { body } = await ask('GET', `events/${id}/participants/`, admin)
  const own = body['data'].results.find((one: { user_id: number }) => one.user_id === invited.id)
  await ask('DELETE', `events/${id}/participants/${own.id}/`, admin)

  assert.deepEqual(await each(invited), [404, 404, 404])
})
