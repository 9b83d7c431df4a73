import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Context } from '../../platform/context.ts'
import { openHouse, type Person } from '../../../test/support.ts'
import { authenticateApp } from '../accounts/index.ts'
import { calendarOf, eventOf } from './ics.fixture.ts'
import { deleteObject, listCollections, listObjects, putObject, readObjects } from './index.ts'
import { idOf, openOffice, rightfulClaims, standingClaims } from './support.fixture.ts'

const house = await openHouse()
const office = await openOffice(house)

/** A context in which a calendar program of somebody asks. */
async function asking(person: Person): Promise<Context> {
  const made = await house.call('POST', '/api/v1/auth/app-passwords/', {
    token: person.token,
    json: { name: 'Phone', password: person.password },
  })
  const ctx = house.ctx()
  return { ...ctx, actor: await authenticateApp(ctx, person.email, made.body['data'].app_password) }
}

/** How many claims stand, which are those that must. */
const check = async (): Promise<number> => {
  const standing = await standingClaims(house)
  assert.deepEqual(standing, await rightfulClaims(house))
  return standing.length
}

test('What a program puts, changes and deletes claims time as everything else does, and frees it', async () => {
  const { admin, colleague } = office
  const ctx = await asking(admin)
  const [calendar] = await listCollections(ctx)
  const people = [`ORGANIZER:mailto:${admin.email}`, `ATTENDEE:mailto:${colleague.email}`]
  const series = (start: string, rule: string): Buffer =>
    Buffer.from(
      calendarOf(
        ...eventOf('s', `DTSTART;TZID=Europe/Kyiv:${start}`, 'DURATION:PT1H', `RRULE:${rule}`, 'SUMMARY:S', ...people),
      ),
    )
  const put = (file: Buffer) => putObject(ctx, calendar!.id, 's.ics', file, {})

  await put(series('20260320T100000', 'FREQ=DAILY;COUNT=20'))
  const before = await check()
  await put(series('20260320T120000', 'FREQ=DAILY;COUNT=5'))
  const after = await check()
  const room = await office.room()
  const [head] = await listObjects(ctx, (await listCollections(ctx))[0]!)
  await office.ask('PUT', `events/${head!.id}/`, admin, { room_id: room })
  await check()
  const [object] = await readObjects(ctx, [head!])
  await put(Buffer.from(object!.text.replace('COUNT=5', 'COUNT=7')))
  const withRoom = await check()
  const other = await office.event(colleague, {
    room_id: room,
    start_time: '2026-03-28T10:00:00Z',
    end_time: '2026-03-28T11:00:00Z',
  })
  const clash = put(Buffer.from(object!.text.replace('COUNT=5', 'COUNT=10')))
  await assert.rejects(clash, { code: 'CONFLICT' })
  await check()
  await deleteObject(ctx, calendar!.id, 's.ics', {})

  assert.deepEqual([before, after, withRoom], [40, 10, 21])
  assert.ok(idOf(other))
  assert.equal(await check(), 2)
})
