import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { refusal } from '../../../test/company.ts'
import { openHouse, type House, type Person } from '../../../test/support.ts'
import { at, idOf, openOffice, type Office } from './support.fixture.ts'

const house: House = await openHouse()

describe('calendars', () => {
  let office: Office
  let jane: Person
  let colleague: Person

  before(async () => {
    office = await openOffice(house, 2)
    jane = office.admin
    colleague = office.colleague
  })

  const calendar = async (who: Person, fields: object = {}): Promise<string> =>
    idOf(await office.ask('POST', 'calendars/', who, { name: 'Work', color: '#33AA99', ...fields }))
  const names = async (who: Person): Promise<string[]> =>
    (await office.ask('GET', 'calendars/', who)).body['data'].results.map(({ name }: { name: string }) => name)
  const share = (id: string, fields: object, who = jane) => office.ask('POST', `calendars/${id}/shares/`, who, fields)
  const accessOf = async (id: string, who: Person): Promise<string> => {
    const answer = await office.ask('GET', `calendars/${id}/`, who)
    return answer.status === 200 ? answer.body['data'].access : String(answer.status)
  }

  test('everybody finds a first calendar, once, and keeps it', async () => {
    const person = await house.person()
    const lists = await Promise.all([1, 2, 3].map(() => office.ask('GET', 'calendars/', person)))
    const [first] = lists[0]!.body['data'].results

    const gone = await office.ask('DELETE', `calendars/${first.id}/`, person)

    assert.deepEqual(
      lists.map((list) => list.body['data'].count),
      [1, 1, 1],
    )
    assert.deepEqual([first.is_first, first.access, first.owner_id], [true, 'owner', person.id])
    assert.equal(refusal(gone), '409 CONFLICT')
  })

  test('a calendar has a colour of six hexadecimal digits and a zone that exists', async () => {
    const id = await calendar(jane, { name: 'Colours', color: '#ABCDEF', time_zone: 'Europe/Kyiv' })
    const answers = await Promise.all(
      [{ color: 'reddish' }, { color: '#abc' }, { time_zone: 'Moon/Sea' }, { name: '' }].map((fields) =>
        office.ask('PUT', `calendars/${id}/`, jane, fields),
      ),
    )
    const changed = await office.ask('PUT', `calendars/${id}/`, jane, { color: '#123ABC', description: null })

    assert.deepEqual(
      answers.map(refusal),
      answers.map(() => '400 VALIDATION_ERROR'),
    )
    assert.deepEqual([changed.body['data'].color, changed.body['data'].time_zone], ['#123abc', 'Europe/Kyiv'])
  })

  test('a calendar of one’s own is nobody else’s, whatever their role', async () => {
    const id = await calendar(jane, { name: 'Mine' })
    for (const who of [colleague, office.stranger, await house.person('super_admin')]) {
      const tries = await Promise.all([
        office.ask('GET', `calendars/${id}/`, who),
        office.ask('PUT', `calendars/${id}/`, who, { name: 'Taken' }),
        office.ask('DELETE', `calendars/${id}/`, who),
        office.ask('GET', `calendars/${id}/shares/`, who),
        share(id, { user_id: who.id, access: 'write' }, who),
        office.ask('GET', `events/?calendar_id=${id}`, who),
        office.event(who, { calendar_id: id }),
      ])

      assert.deepEqual(
        tries.map(refusal),
        tries.map(() => '404 NOT_FOUND'),
      )
      assert.ok(!(await names(who)).includes('Mine'))
    }
  })

  test('a share gives what it says: when, what, or leave to write', async () => {
    const id = await calendar(jane, { name: 'Shared' })
    await office.event(jane, {
      calendar_id: id,
      title: 'Secret plans',
      location: 'Bunker',
      start_time: at('14T10:00'),
      end_time: at('14T11:00'),
    })
    const [, other] = office.others
    const shared = await share(id, { user_id: colleague.id, access: 'free_busy' })

    const [busy] = await office.rows(colleague, `&calendar_id=${id}`)
    const listed = await office.rows(colleague)
    const single = await office.ask('GET', `events/${busy!['id']}/`, colleague)
    const comments = await office.ask('GET', `events/${busy!['id']}/comments/`, colleague)
    await share(id, { user_id: colleague.id, access: 'read' })
    const [read] = await office.rows(colleague)
    const written = await office.event(colleague, { calendar_id: id })
    await share(id, { user_id: colleague.id, access: 'write' })
    const allowed = await office.event(colleague, { calendar_id: id })
    const deleted = await office.ask('DELETE', `calendars/${id}/`, colleague)

    assert.equal(shared.status, 201)
    assert.deepEqual(
      [busy!['title'], busy!['is_busy_only'], busy!['location'], busy!['organizer_id']],
      ['Busy', true, '', null],
    )
    assert.ok(!JSON.stringify([busy, single.body, listed]).match(/Secret|Bunker/))
    assert.deepEqual([listed.length, comments.status, read!['title']], [0, 404, 'Secret plans'])
    assert.deepEqual(
      [refusal(written), allowed.status, refusal(deleted)],
      ['403 PERMISSION_DENIED', 201, '403 PERMISSION_DENIED'],
    )
    assert.equal(await accessOf(id, other!), '404')
  })

  test('what is shared with a department is for those below it too, and with an organization for all its members', async () => {
    const id = await calendar(jane, { name: 'Everybody' })
    const sales = idOf(
      await office.ask('POST', 'departments/', jane, { name: 'Sales', organization_id: office.organization }),
    )
    const east = idOf(
      await office.ask('POST', 'departments/', jane, {
        name: 'East',
        organization_id: office.organization,
        parent_id: sales,
      }),
    )
    const [first, second] = office.others as [Person, Person]
    await house.house.db
      .updateTable('memberships')
      .set({ department_id: east })
      .where('user_id', '=', first.id)
      .execute()

    const made = await share(id, { department_id: sales, access: 'read' })
    const afterDepartment = [await accessOf(id, first), await accessOf(id, second), await accessOf(id, office.stranger)]
    await share(id, { organization_id: office.organization, access: 'free_busy' })
    const afterAll = [await accessOf(id, first), await accessOf(id, second), await accessOf(id, office.stranger)]
    await office.ask('DELETE', `calendars/${id}/shares/${made.body['data'].id}/`, jane)

    assert.deepEqual(afterDepartment, ['read', '404', '404'])
    assert.deepEqual(afterAll, ['read', 'free_busy', '404'])
    assert.equal(await accessOf(id, first), 'free_busy')
  })

  test('nothing is shared with people, departments and organizations of others', async () => {
    const id = await calendar(jane, { name: 'Inside' })
    const foreign = idOf(
      await office.ask('POST', 'departments/', office.stranger, { name: 'Far', organization_id: office.elsewhere }),
    )
    const tries = await Promise.all([
      share(id, { user_id: office.stranger.id, access: 'read' }),
      share(id, { department_id: foreign, access: 'read' }),
      share(id, { organization_id: office.elsewhere, access: 'read' }),
      office.ask('POST', 'calendars/', jane, { name: 'There', organization_id: office.elsewhere }),
    ])

    assert.deepEqual(
      tries.map(refusal),
      tries.map(() => '404 NOT_FOUND'),
    )
  })

  test('a public calendar is read by its organization, and by nobody beside it', async () => {
    const id = await calendar(jane, { name: 'Holidays', is_public: true, organization_id: office.organization })

    assert.deepEqual([await accessOf(id, colleague), await accessOf(id, office.stranger)], ['read', '404'])
    assert.ok((await names(colleague)).includes('Holidays'))
  })

  test('a share and a room end with the membership through which they were given', async () => {
    const leaver = office.others[1]!
    const theirs = await calendar(leaver, {
      name: 'Of the leaver',
      organization_id: office.organization,
      is_public: true,
    })
    const mine = await calendar(jane, { name: 'For the leaver' })
    await share(mine, { user_id: leaver.id, access: 'write' })
    const room = await office.room()
    const meeting = idOf(
      await office.event(leaver, {
        calendar_id: theirs,
        room_id: room,
        start_time: at('20T10:00'),
        end_time: at('20T11:00'),
      }),
    )
    const invited = idOf(await office.event(jane, { calendar_id: mine, participants: [{ user_id: leaver.id }] }))

    await office.ask('DELETE', `organizations/${office.organization}/members/${leaver.id}/`, jane)
    await house.drain()

    const kept = await office.ask('GET', `events/${meeting}/`, leaver)
    assert.deepEqual([await accessOf(mine, leaver), await accessOf(theirs, colleague)], ['404', '404'])
    assert.deepEqual([kept.status, kept.body['data'].room_id], [200, null])
    assert.equal((await office.ask('GET', `events/${invited}/`, leaver)).status, 404)
    assert.equal(
      (await office.event(jane, { room_id: room, start_time: at('20T10:00'), end_time: at('20T11:00') })).status,
      201,
    )
  })

  test('a calendar goes with its events, and their rooms are free again', async () => {
    const id = await calendar(jane, { name: 'Short-lived' })
    const room = await office.room()
    const when = { room_id: room, start_time: at('21T10:00'), end_time: at('21T11:00') }
    const event = idOf(await office.event(jane, { calendar_id: id, ...when }))

    const gone = await office.ask('DELETE', `calendars/${id}/`, jane)

    assert.equal(gone.status, 200)
    assert.equal((await office.ask('GET', `events/${event}/`, jane)).status, 404)
    assert.equal((await office.event(jane, when)).status, 201)
  })
})
