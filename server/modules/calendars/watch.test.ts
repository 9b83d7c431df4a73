import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { nodeBeside } from '../../../test/platform.ts'
import { connect, type Client } from '../../../test/socket.ts'
import { openHouse, type Person } from '../../../test/support.ts'
import { at, idOf, openOffice } from './support.fixture.ts'

const house = await openHouse()
await house.house.realtime.start()
const base = await house.http.listen({ port: 0, host: '127.0.0.1' })
const office = await openOffice(house, 3)
const { ask, admin, organization, others, stranger } = office

const calendarOf = async (owner: Person, fields: object = {}): Promise<string> =>
  idOf(await ask('POST', 'calendars/', owner, { name: 'Team', ...fields }))
const share = async (calendar: string, to: object): Promise<string> =>
  idOf(await ask('POST', `calendars/${calendar}/shares/`, admin, to))
const watch = (client: Client, calendar_id: string, version?: number) =>
  client.ask({ type: 'subscribe', topic: 'calendar', calendar_id, ...(version === undefined ? {} : { version }) })
/** Until it is looked at no more than when it changes: at the beginning it is looked at twice. */
const settled = (): Promise<void> => sleep(700)
const endOf = async (client: Client): Promise<unknown> => (await client.next('topic.ended'))['data']

test('whoever has a calendar in view is told of each change on every process, and resumes by its version; a stranger finds none', async (t) => {
  const node = await nodeBeside(house, t)
  await node.house.realtime.start()
  const otherBase = await node.http.listen({ port: 0, host: '127.0.0.1' })
  const calendar = await calendarOf(admin)
  await share(calendar, { user_id: others[0]!.id, access: 'free_busy' })
  const [mine, theirs, strange] = [
    await connect(base, { token: admin.token }),
    await connect(otherBase, { token: others[0]!.token }),
    await connect(base, { token: stranger.token }),
  ]

  const first = await watch(mine, calendar)
  const also = await watch(theirs, calendar, first['version'])
  const event = idOf(await office.event(admin, { calendar_id: calendar }))
  const told = [await mine.next('topic.changed'), await theirs.next('topic.changed')]
  await ask('PUT', `events/${event}/`, admin, { title: 'Another' })
  const again = await mine.next('topic.changed')
  await theirs.close()
  const back = await connect(otherBase, { token: others[0]!.token })
  const behind = await watch(back, calendar, told[1]!['data'].version)

  assert.deepEqual(also, { ...first, changed: false })
  assert.deepEqual(told[0], told[1])
  assert.ok(first['version'] < told[0]!['data'].version && told[0]!['data'].version < again['data'].version)
  assert.deepEqual(behind, { ...again['data'], changed: true })
  await assert.rejects(watch(strange, calendar), /NOT_FOUND: There is no such calendar/)
  await Promise.all([mine, back, strange].map((socket) => socket.close()))
})

test('a share that is taken away ends the topic for whom it was, at once, and for nobody else', async () => {
  const calendar = await calendarOf(admin)
  const shared = await share(calendar, { user_id: others[0]!.id, access: 'read' })
  await share(calendar, { user_id: others[1]!.id, access: 'read' })
  const [loser, keeper] = [
    await connect(base, { token: others[0]!.token }),
    await connect(base, { token: others[1]!.token }),
  ]
  await watch(loser, calendar)
  await watch(keeper, calendar)
  await settled()

  await ask('DELETE', `calendars/${calendar}/shares/${shared}/`, admin)
  const ended = await endOf(loser)
  idOf(await office.event(admin, { calendar_id: calendar, start_time: at('20T10:00'), end_time: at('20T11:00') }))
  await keeper.next('topic.changed')

  assert.deepEqual(ended, { topic: 'calendar', calendar_id: calendar })
  assert.equal(loser.heard.at(-1)!['type'], 'topic.ended')
  await assert.rejects(watch(loser, calendar), /NOT_FOUND/)
  await Promise.all([loser.close(), keeper.close()])
})

test('what is seen through a department, an organization or as public ends with it', async () => {
  const department = idOf(await ask('POST', 'departments/', admin, { name: 'Sales', organization_id: organization }))
  const member = others[2]!
  await ask('PUT', `organizations/${organization}/members/${member.id}/`, admin, { department_id: department })
  const [byDepartment, byOrganization, open] = [
    await calendarOf(admin),
    await calendarOf(admin, { organization_id: organization, is_public: true }),
    await calendarOf(admin, { is_public: true }),
  ]
  await share(byDepartment, { department_id: department, access: 'read' })
  const [socket, strange] = [
    await connect(base, { token: member.token }),
    await connect(base, { token: stranger.token }),
  ]
  for (const calendar of [byDepartment, byOrganization, open]) await watch(socket, calendar)
  await watch(strange, open)
  await settled()

  await ask('PUT', `organizations/${organization}/members/${member.id}/`, admin, { department_id: null })
  const first = await endOf(socket)
  await settled()
  await ask('DELETE', `organizations/${organization}/members/${member.id}/`, admin)
  const second = await endOf(socket)
  await settled()
  await ask('PUT', `calendars/${open}/`, admin, { is_public: false })
  const third = [await endOf(socket), await endOf(strange)]

  assert.deepEqual(
    [first, second, ...third],
    [byDepartment, byOrganization, open, open].map((calendar_id) => ({ topic: 'calendar', calendar_id })),
  )
  await Promise.all([socket.close(), strange.close()])
})

test('a calendar that is deleted ends', async () => {
  const calendar = await calendarOf(admin)
  const socket = await connect(base, { token: admin.token })
  await watch(socket, calendar)
  await settled()

  await ask('DELETE', `calendars/${calendar}/`, admin)

  assert.deepEqual(await endOf(socket), { topic: 'calendar', calendar_id: calendar })
  await socket.close()
})

test('a room is watched by the members of its organization, through bookings of its time, until they leave or it is archived', async () => {
  const [room, another] = [await office.room(), await office.room({ name: 'Another' })]
  const leaver = others[1]!
  const [socket, strange] = [
    await connect(base, { token: leaver.token }),
    await connect(base, { token: stranger.token }),
  ]
  const which = { topic: 'room', room_id: room }

  const first = await socket.ask({ type: 'subscribe', ...which })
  await socket.ask({ type: 'subscribe', topic: 'room', room_id: another })
  await settled()
  idOf(await office.event(admin, { room_id: room, start_time: at('21T10:00'), end_time: at('21T11:00') }))
  const changed = await socket.next('topic.changed')
  await ask('PUT', `rooms/${another}/`, admin, { capacity: 3 })
  const reshaped = await socket.next('topic.changed')
  await settled()
  await ask('DELETE', `rooms/${another}/`, admin)
  const archived = await endOf(socket)
  await settled()
  await ask('DELETE', `organizations/${organization}/members/${leaver.id}/`, admin)
  const left = await endOf(socket)

  assert.ok(changed['data'].version > first['version'])
  assert.deepEqual([changed['data'].room_id, reshaped['data'].room_id], [room, another])
  assert.deepEqual(archived, { topic: 'room', room_id: another })
  assert.deepEqual(left, which)
  await assert.rejects(strange.ask({ type: 'subscribe', ...which }), /NOT_FOUND: There is no such room/)
  await Promise.all([socket.close(), strange.close()])
})
