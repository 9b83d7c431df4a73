import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse, type Person } from '../../../test/support.ts'
import { form, pdf } from '../../platform/files/samples.fixture.ts'
import { at, idOf, openOffice } from './support.fixture.ts'

const house = await openHouse()
const office = await openOffice(house)
const { admin, colleague, stranger, ask } = office
const id = idOf(
  await office.event(admin, {
    start_time: at('15T10:00'),
    end_time: at('15T11:00'),
    participants: [{ user_id: colleague.id }],
  }),
)
const send = ({ token }: Person, path: string) => house.call('POST', `/api/v1/${path}`, { token, ...form(pdf()) })
const files = async (who: Person): Promise<string[]> =>
  (await ask('GET', `events/${id}/attachments/`, who)).body['data'].results.map((file: { name: string }) => file.name)

test('a file is attached to an event as it comes, or after it was uploaded', async () => {
  const sent = await send(admin, `events/${id}/attachments/`)
  const uploaded = await send(colleague, 'files/attachments/')
  const named = await ask('POST', `events/${id}/attachments/`, colleague, {
    attachment_ids: [uploaded.body['data'].id],
  })

  assert.deepEqual([sent.status, uploaded.status, named.status], [201, 201, 201], sent.text + named.text)
  assert.equal(sent.body['data'].attachments[0].name, 'plan.pdf')
  assert.deepEqual(await files(colleague), ['plan.pdf', 'plan.pdf'])
})

test('neither a stranger nor a body of neither kind attaches anything', async () => {
  const before = await files(admin)

  const refused = [
    await send(stranger, `events/${id}/attachments/`),
    await ask('POST', `events/${id}/attachments/`, admin, {}),
    await ask('POST', `events/${id}/attachments/`, admin, { attachment_ids: ['1'] }),
    await house.call('POST', `/api/v1/events/${id}/attachments/`, {
      token: admin.token,
      payload: 'BEGIN:VCALENDAR',
      headers: { 'content-type': 'text/calendar' },
    }),
  ]

  assert.deepEqual(
    refused.map(({ status }) => status),
    [404, 400, 400, 415],
  )
  assert.deepEqual(await files(admin), before)
})
