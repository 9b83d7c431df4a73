import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse } from '../../../test/support.ts'
import { clientOf, conditionOf, rowsOf } from './client.fixture.ts'

const house = await openHouse()
const jane = await house.person()
const client = await clientOf(house, jane)

test('A client that knows only the server finds the way to the calendars, as Apple Calendar goes it', async () => {
  const wellKnown = await client.send('PROPFIND', '/.well-known/caldav', {
    depth: '0',
    body: '<propfind xmlns="DAV:"><prop><current-user-principal/></prop></propfind>',
  })
  const options = await client.send('OPTIONS', '/dav/')
  const root = await client.send('PROPFIND', wellKnown.headers['location']!, {
    depth: '0',
    body: '<?xml version="1.0" encoding="UTF-8"?><A:propfind xmlns:A="DAV:"><A:prop><A:current-user-principal/><A:principal-URL/><A:resourcetype/></A:prop></A:propfind>',
  })
  const [found] = rowsOf(root)
  const principal = await client.send('PROPFIND', found!.props.get('{DAV:}current-user-principal')!, {
    depth: '0',
    body: `<?xml version="1.0" encoding="UTF-8"?><A:propfind xmlns:A="DAV:"><A:prop><B:calendar-home-set xmlns:B="urn:ietf:params:xml:ns:caldav"/><B:calendar-user-address-set xmlns:B="urn:ietf:params:xml:ns:caldav"/><A:current-user-principal/><A:displayname/><C:dropbox-home-URL xmlns:C="http://calendarserver.org/ns/"/><C:email-address-set xmlns:C="http://calendarserver.org/ns/"/><A:principal-collection-set/><B:schedule-inbox-URL xmlns:B="urn:ietf:params:xml:ns:caldav"/><A:supported-report-set/></A:prop></A:propfind>`,
  })

  assert.equal(wellKnown.status, 301)
  assert.equal(options.status, 200)
  assert.match(options.headers['dav']!, /1, 3, calendar-access/)
  assert.match(options.headers['allow']!, /PROPFIND.*REPORT/)
  assert.deepEqual(found!.missing, ['404 {DAV:}principal-URL'])
  const [row] = rowsOf(principal)
  assert.equal(row!.props.get('{urn:ietf:params:xml:ns:caldav}calendar-home-set'), client.home)
  assert.match(
    row!.props.get('{urn:ietf:params:xml:ns:caldav}calendar-user-address-set')!,
    new RegExp(`mailto:${jane.email}`),
  )
  assert.deepEqual(row!.missing, ['404 {http://calendarserver.org/ns/}dropbox-home-URL'])
})

test('The home lists the calendars with all that clients ask of them', async () => {
  const answer = await client.send('PROPFIND', client.home, {
    depth: '1',
    body: `<x0:propfind xmlns:x0="DAV:" xmlns:x1="http://calendarserver.org/ns/" xmlns:x2="urn:ietf:params:xml:ns:caldav" xmlns:x3="http://apple.com/ns/ical/"><x0:prop><x0:resourcetype/><x0:displayname/><x0:current-user-privilege-set/><x3:calendar-color/><x3:calendar-order/><x1:getctag/><x0:sync-token/><x0:supported-report-set/><x2:supported-calendar-component-set/><x2:calendar-timezone/><x2:max-resource-size/></x0:prop></x0:propfind>`,
  })

  const rows = rowsOf(answer)
  const [home, calendar] = rows
  assert.equal(home!.href, client.home)
  assert.equal(home!.props.get('{DAV:}resourcetype'), 'collection')
  assert.equal(calendar!.props.get('{DAV:}resourcetype'), 'collection calendar')
  assert.equal(calendar!.props.get('{DAV:}displayname'), 'Calendar')
  assert.equal(calendar!.props.get('{http://apple.com/ns/ical/}calendar-color'), '#3366cc')
  assert.equal(calendar!.props.get('{http://calendarserver.org/ns/}getctag'), calendar!.props.get('{DAV:}sync-token'))
  assert.match(calendar!.props.get('{urn:ietf:params:xml:ns:caldav}calendar-timezone')!, /BEGIN:VTIMEZONE/)
  assert.deepEqual(calendar!.missing, ['404 {http://apple.com/ns/ical/}calendar-order'])
  assert.deepEqual(
    rows.map(({ href }) => href.replace(client.home, '').replace(/[0-9a-f-]{36}/, 'id')),
    ['', 'id/', 'invitations/', 'inbox/', 'outbox/'],
  )
})

test('Without a body all is answered that is common, and by name only what there is', async () => {
  const all = rowsOf(await client.send('PROPFIND', client.home, { depth: '0' }))
  const names = rowsOf(
    await client.send('PROPFIND', client.home, { depth: '0', body: '<propfind xmlns="DAV:"><propname/></propfind>' }),
  )
  const minimal = rowsOf(
    await client.send('PROPFIND', client.home, {
      depth: '0',
      headers: { prefer: 'return=minimal' },
      body: '<propfind xmlns="DAV:"><prop><resourcetype/><x xmlns="urn:no"/></prop></propfind>',
    }),
  )

  assert.ok(all[0]!.props.has('{DAV:}resourcetype'))
  assert.ok(names[0]!.elements.has('{DAV:}current-user-principal'))
  assert.deepEqual(minimal[0]!.missing, [])
})

test('Who does not say who they are is asked for it; the API takes no app password, and DAV no token', async () => {
  const nobody = await house.http.inject({ method: 'PROPFIND', url: '/dav/' })
  const wrong = await client.send('PROPFIND', '/dav/', { depth: '0', password: 'wrong-wrong-wrong-wrong' })
  const own = await client.send('PROPFIND', '/dav/', { depth: '0', password: jane.password })
  const token = await house.http.inject({
    method: 'PROPFIND',
    url: '/dav/',
    headers: { authorization: `Bearer ${jane.token}`, depth: '0' },
  })

  for (const answer of [nobody, token]) assert.equal(answer.statusCode, 401)
  assert.match(String(nobody.headers['www-authenticate']), /^Basic realm=/)
  assert.deepEqual([wrong.status, own.status], [401, 401])
})

test('Garbage is refused and never fails: no entities, no depth without end, no other methods', async () => {
  const bomb = `<?xml version="1.0"?><!DOCTYPE p [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><propfind xmlns="DAV:"><prop><x>&b;</x></prop></propfind>`
  const bodies = [
    bomb,
    '<propfind',
    '<a/>',
    '{"a":1}',
    '\u0000',
    '<propfind xmlns="DAV:">'.repeat(5000),
    '<x:y/>',
    '\uFFFE<a/>',
  ]
  for (const body of bodies) {
    const answer = await client.send('PROPFIND', client.home, { depth: '0', body })
    assert.equal(answer.status, 400, `${body.slice(0, 40)}: ${answer.text}`)
    const report = await client.send('REPORT', client.home, { depth: '0', body })
    assert.ok([400, 403].includes(report.status), report.text)
  }
  const infinite = await client.send('PROPFIND', client.home, { depth: 'infinity' })
  const large = await client.send('PROPFIND', client.home, { depth: '0', body: `<a>${'x'.repeat(2_000_000)}</a>` })
  const move = await client.send('MOVE', client.home)

  assert.equal(infinite.status, 403)
  assert.equal(conditionOf(infinite), 'propfind-finite-depth')
  assert.equal(large.status, 413)
  assert.equal(move.status, 405)
  for (const path of [
    '/dav/nowhere/',
    `${client.home}none/`,
    `${client.home}none/a.ics`,
    '/dav/calendars/1/2/3/4/5',
    '/dav/%E0%A4%A',
  ])
    assert.ok([400, 404].includes((await client.send('PROPFIND', path, { depth: '0' })).status), path)
})
