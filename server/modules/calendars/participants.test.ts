import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { refusal } from '../../../test/company.ts'
import { openHouse, type House, type Person } from '../../../test/support.ts'
import { at, idOf, openOffice, standingClaims, type Office } from './support.fixture.ts'

const house: House = await openHouse()

const claimsOf = async (who: Person): Promise<number> =>
  (await standingClaims(house)).filter((claim) => claim.startsWith(`${who.id} `)).length

describe('who takes part in events', () => {
  let office: Office
  let jane: Person
  let bob: Person

  before(async () => {
    office = await openOffice(house, 2)
    jane = office.admin
    bob = office.colleague
  })

  const meeting = async (fields: object = {}): Promise<string> =>
    idOf(await office.event(jane, { participants: [{ user_id: bob.id }], ...fields }))
  const respond = (id: string, who: Person, status: string, occurrence?: string) =>
    office.ask('POST', `events/${id}/respond/`, who, { status, ...(occurrence ? { occurrence } : {}) })
  const told = async (who: Person): Promise<string[]> =>
    (await office.ask('GET', 'notifications/', who)).body['data'].results.map(({ kind }: { kind: string }) => kind)

  test('a colleague who is invited sees the event, is told and is busy; by declining they are free', async () => {
    const earlier = await claimsOf(bob)
    const id = await meeting({ recurrence_rule: 'FREQ=DAILY;COUNT=3' })
    const [row] = (await office.rows(bob)).filter((one) => one['event_id'] === id)
    const during = await claimsOf(bob)

    const declined = await respond(id, bob, 'declined')

    assert.deepEqual([row!['my_status'], row!['can_edit'], during - earlier], ['needs_action', false, 3])
    assert.deepEqual([declined.body['data'].my_status, await claimsOf(bob)], ['declined', earlier])
    assert.ok((await told(bob)).includes('event_invited'))
    assert.ok((await told(jane)).includes('event_answered'))
  })

  test('an answer to one occurrence stands instead of that to all, until all is answered again', async () => {
    const id = await meeting({
      start_time: at('20T10:00'),
      end_time: at('20T11:00'),
      recurrence_rule: 'FREQ=DAILY;COUNT=3',
    })
    const earlier = await claimsOf(bob)

    await respond(id, bob, 'accepted')
    await respond(id, bob, 'declined', at('21T10:00'))

    const rows = (await office.rows(bob)).filter((one) => one['event_id'] === id)
    const { participants } = (await office.ask('GET', `events/${id}/`, jane)).body['data']
    assert.deepEqual(
      rows.map((row) => row['my_status']),
      ['accepted', 'declined', 'accepted'],
    )
    assert.deepEqual(participants[0].occurrences, [{ recurrence_id: '2026-01-21T10:00:00Z', status: 'declined' }])
    assert.equal(await claimsOf(bob), earlier - 1)
    await respond(id, bob, 'tentative')
    assert.equal(await claimsOf(bob), earlier)
  })

  test('whoever moves an event asks its participants anew', async () => {
    const id = await meeting({ start_time: at('22T10:00'), end_time: at('22T11:00') })
    await respond(id, bob, 'accepted')

    await office.ask('PUT', `events/${id}/`, jane, { title: 'Renamed' })
    const renamed = (await office.ask('GET', `events/${id}/`, bob)).body['data'].my_status
    await office.ask('PUT', `events/${id}/`, jane, { start_time: at('22T12:00') })

    assert.equal(renamed, 'accepted')
    assert.equal((await office.ask('GET', `events/${id}/`, bob)).body['data'].my_status, 'needs_action')
    assert.ok((await told(bob)).includes('event_changed'))
  })

  test('answers follow their occurrences into the second half of a series', async () => {
    const id = await meeting({
      start_time: at('26T10:00'),
      end_time: at('26T11:00'),
      recurrence_rule: 'FREQ=DAILY;COUNT=4',
    })
    await respond(id, bob, 'accepted')
    await respond(id, bob, 'declined', at('28T10:00'))

    const after = await office.ask('PUT', `events/${id}/?scope=this_and_following&occurrence=${at('28T10:00')}`, jane, {
      title: 'Second half',
    })

    const [participant] = after.body['data'].participants
    assert.deepEqual([participant.status, participant.occurrences.length], ['accepted', 1])
    assert.deepEqual((await office.ask('GET', `events/${id}/`, jane)).body['data'].participants[0].occurrences, [])
    const rows = (await office.rows(bob)).filter((row) => row['title'] === 'Second half')
    assert.deepEqual(
      rows.map((row) => row['my_status']),
      ['declined', 'accepted'],
    )
  })

  test('anybody may be invited by an address, which tells nothing about accounts and makes nobody busy', async () => {
    const earlier = await claimsOf(office.stranger)
    const id = await meeting({
      participants: [{ email: 'Guest@Example.org', name: 'Guest' }, { email: office.stranger.email }],
    })

    const { participants } = (await office.ask('GET', `events/${id}/`, jane)).body['data']

    assert.deepEqual(
      participants.map((one: Record<string, unknown>) => one['user_id']),
      [null, null],
    )
    assert.equal(await claimsOf(office.stranger), earlier)
    assert.equal((await office.ask('GET', `events/${id}/`, office.stranger)).status, 404)
  })

  test('participants are added once, and taken out by the organizer or by themselves', async () => {
    const [, carol] = office.others as [Person, Person]
    const id = await meeting()
    const path = `events/${id}/participants/`
    const added = await office.ask('POST', path, jane, { email: carol.email, role: 'optional' })
    const twice = await office.ask('POST', path, jane, { user_id: carol.id })
    const earlier = await claimsOf(carol)
    const listed = (await office.ask('GET', path, bob)).body['data'].results
    const idOfBob = listed.find((one: Record<string, unknown>) => one['user_id'] === bob.id).id

    const tries = [
      await office.ask('POST', path, bob, { user_id: carol.id }),
      await office.ask('DELETE', `${path}${idOfBob}/`, carol),
      await office.ask('DELETE', `${path}${added.body['data'].id}/`, carol),
      await office.ask('DELETE', `${path}${idOfBob}/`, jane),
    ]

    assert.deepEqual([added.status, added.body['data'].user_id, refusal(twice)], [201, carol.id, '409 CONFLICT'])
    assert.deepEqual(
      tries.map(({ status }) => status),
      [403, 403, 200, 200],
    )
    assert.equal(await claimsOf(carol), earlier - 1)
  })

  test('only who is invited answers, and for a stranger there is nothing', async () => {
    const id = await meeting()
    const paths = ['', 'participants/', 'comments/', 'attachments/']
    const reads = await Promise.all(paths.map((path) => office.ask('GET', `events/${id}/${path}`, office.stranger)))
    const writes = await Promise.all([
      respond(id, office.stranger, 'accepted'),
      office.ask('POST', `events/${id}/participants/`, office.stranger, { user_id: office.stranger.id }),
      office.ask('POST', `events/${id}/comments/`, office.stranger, { text: 'Hello' }),
      office.ask('POST', `events/${id}/attachments/`, office.stranger, { attachment_ids: [1] }),
    ])

    assert.deepEqual(
      [...reads, ...writes].map(refusal),
      Array.from({ length: 8 }, () => '404 NOT_FOUND'),
    )
    assert.equal(refusal(await respond(id, jane, 'accepted')), '403 PERMISSION_DENIED')
  })

  test('what is said about an event is read by its people, and they are told', async () => {
    const id = await meeting()
    const said = await office.ask('POST', `events/${id}/comments/`, bob, { text: 'I will bring the plans' })

    const { body } = await office.ask('GET', `events/${id}/comments/`, jane)

    assert.equal(said.status, 201)
    assert.deepEqual(
      body['data'].results.map((one: Record<string, unknown>) => [one['author_id'], one['text']]),
      [[bob.id, 'I will bring the plans']],
    )
    assert.ok((await told(jane)).includes('event_commented'))
  })

  test('whoever is in a meeting is not bookable then, and a meeting may be laid over a booking, with a warning', async () => {
    const provider = await house.person('provider')
    const service = idOf(
      await office.ask('POST', 'services/', provider, {
        title: 'Advice',
        description: 'An hour',
        price: 0,
        duration_minutes: 60,
        slot_step_minutes: 60,
      }),
    )
    await office.ask('POST', 'schedules/', provider, {
      kind: 'weekly',
      weekday: 3,
      start_time: '09:00',
      end_time: '17:00',
      time_zone: 'UTC',
    })
    await office.event(provider, { start_time: at('14T10:00'), end_time: at('14T11:00') })
    const book = (time: string) => office.ask('POST', 'bookings/', bob, { service, date: at(time) })

    const refused = await book('14T10:00')
    const booked = await book('14T12:00')
    const laid = await office.event(provider, { start_time: at('14T12:30'), end_time: at('14T14:00') })

    assert.deepEqual(
      [refusal(refused), refused.body['error'].details[0].rule, booked.status],
      ['409 CONFLICT', 'D9', 201],
    )
    const [warning] = laid.body['data'].warnings
    assert.deepEqual([laid.status, warning.rule, warning.params.user_id], [201, 'over_booking', provider.id])
  })

  test('an account that is erased leaves no meetings, no claims and no invitations', async () => {
    const leaver = await house.person()
    const id = idOf(await office.event(leaver, { title: 'Mine alone' }))
    await house.house.db
      .insertInto('event_participants')
      .values({
        id: id.replace(/^.{8}/, '01900000'),
        event_id: await meeting(),
        user_id: leaver.id,
        created_at: house.ctx().now,
      })
      .execute()

    const gone = await office.ask('DELETE', `users/${leaver.id}/`, await house.person('super_admin'))
    await house.drain()

    assert.equal(gone.status, 200, gone.text)
    assert.equal(await claimsOf(leaver), 0)
    assert.equal((await house.house.db.selectFrom('events').where('id', '=', id).select('id').execute()).length, 0)
    assert.equal(
      (await house.house.db.selectFrom('event_participants').where('user_id', '=', leaver.id).select('id').execute())
        .length,
      0,
    )
  })
})
