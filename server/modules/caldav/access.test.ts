import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askerOf, found, join } from '../../../test/company.ts'
import { openHouse } from '../../../test/support.ts'
import {
  clientOf,
  conditionOf,
  dataKey,
  eventFile,
  multigetBody,
  queryBody,
  rowsOf,
  syncBody,
} from './client.fixture.ts'

const house = await openHouse()
const ask = askerOf(house)
const owner = await house.person('customer', { first_name: 'Olga' })
const organization = await found(house, owner, 'Acme')
const colleague = await join(house, organization, owner, 'employee')
const stranger = await house.person()
await found(house, stranger, 'Elsewhere')
const [own, theirs, outside] = [
  await clientOf(house, owner),
  await clientOf(house, colleague),
  await clientOf(house, stranger),
]

/** A calendar of the owner with a plain and a private event. */
async function newCalendar(name: string, access?: 'free_busy' | 'read' | 'write') {
  const made = await ask('POST', 'calendars/', owner, { name })
  const id: string = made.body['data'].id
  const share = access
    ? await ask('POST', `calendars/${id}/shares/`, owner, { user_id: colleague.id, access })
    : undefined
  await own.send('PUT', `${own.home}${id}/plain.ics`, { body: eventFile(`${name}-plain`, 'SUMMARY:Plain') })
  await own.send('PUT', `${own.home}${id}/secret-uid.ics`, {
    body: eventFile(`${name}-secret`, 'SUMMARY:Secret', 'CLASS:PRIVATE'),
  })
  return { id, share: share?.body['data'].id as string }
}
const find = '<propfind xmlns="DAV:"><prop><getetag/><current-user-privilege-set/></prop></propfind>'

test('What is others’ is not there: homes, principals, calendars, events, for strangers and other organizations', async () => {
  const { id } = await newCalendar('Own')
  for (const client of [outside, theirs]) {
    const tries = [
      ['PROPFIND', own.home],
      ['PROPFIND', `/dav/principals/${owner.id}/`],
      ['PROPFIND', `${own.home}${id}/`],
      ['PROPFIND', `${client.home}${id}/`],
      ['GET', `${client.home}${id}/plain.ics`],
      ['PUT', `${client.home}${id}/new.ics`],
      ['PUT', `${own.home}${id}/new.ics`],
      ['DELETE', `${client.home}${id}/`],
      ['DELETE', `${own.home}${id}/plain.ics`],
      ['PROPPATCH', `${client.home}${id}/`],
      ['REPORT', `${client.home}${id}/`],
      ['MKCALENDAR', `${own.home}new/`],
      ['POST', `${own.home}outbox/`],
    ] as const
    for (const [method, url] of tries) {
      const body =
        method === 'PUT'
          ? eventFile('x')
          : method === 'REPORT'
            ? syncBody('')
            : method === 'PROPPATCH'
              ? '<propertyupdate xmlns="DAV:"><set><prop><displayname>x</displayname></prop></set></propertyupdate>'
              : ''
      const answer = await client.send(method, url, { depth: '0', ...(body ? { body } : {}) })
      assert.equal(answer.status, 404, `${method} ${url} ${answer.text}`)
    }
    const multiget = await client.send('REPORT', `${client.home}invitations/`, {
      body: multigetBody([`${own.home}${id}/plain.ics`]),
    })
    assert.deepEqual(
      rowsOf(multiget).map(({ status }) => status),
      [404],
    )
    assert.ok(![...(await client.calendars()).keys()].some((name) => name.startsWith('Own')))
  }
})

test('Who may read sees what there is, of private events the time alone without UID or name, and writes nothing', async () => {
  const { id } = await newCalendar('Read', 'read')
  const url = `${theirs.home}${id}/`
  const names = await theirs.calendars()
  const rows = rowsOf(await theirs.send('PROPFIND', url, { depth: '1', body: find }))
  const data = rowsOf(await theirs.send('REPORT', url, { body: queryBody('<C:comp-filter name="VEVENT"/>') }))
  const texts = data.map(({ props }) => props.get(dataKey)!).join('')
  const [first] = data
  const writes = [
    await theirs.send('PUT', `${url}new.ics`, { body: eventFile('new') }),
    await theirs.send('PUT', first!.href, { body: first!.props.get(dataKey)!.replace('Plain', 'Mine') }),
    await theirs.send('DELETE', first!.href),
    await theirs.send('DELETE', url),
  ]

  assert.equal(names.get('Read (Olga Smith)'), url)
  assert.deepEqual(rows[0]!.elements.get('{DAV:}current-user-privilege-set')!.content.length, 4)
  assert.equal(data.length, 2)
  assert.match(texts, /SUMMARY:Plain/)
  assert.match(texts, /SUMMARY:Busy/)
  assert.doesNotMatch(texts + rows.map(({ href }) => href).join(''), /[Ss]ecret/)
  assert.deepEqual(
    writes.map(({ status }) => status),
    [403, 403, 403, 403],
  )
  assert.equal(conditionOf(writes[0]!), 'need-privileges')
  assert.equal((await theirs.send('GET', `${url}secret-uid.ics`)).status, 404)
})

test('Who sees busy times only is told these and nothing else', async () => {
  const { id } = await newCalendar('Busy', 'free_busy')
  const url = `${theirs.home}${id}/`
  const busy = await theirs.send('REPORT', url, {
    body: '<C:free-busy-query xmlns:C="urn:ietf:params:xml:ns:caldav"><C:time-range start="20260113T000000Z" end="20260114T000000Z"/></C:free-busy-query>',
  })

  assert.match(busy.text, /FREEBUSY;FBTYPE=BUSY:20260113T100000Z\/20260113T110000Z/)
  assert.doesNotMatch(busy.text, /Plain|Secret|secret/)
  assert.ok(!(await theirs.calendars()).has('Busy (Olga Smith)'))
  assert.equal((await theirs.send('PROPFIND', url, { depth: '1', body: find })).status, 403)
  assert.equal((await theirs.send('REPORT', url, { body: syncBody('') })).status, 403)
  assert.equal((await theirs.send('GET', `${url}plain.ics`)).status, 403)
})

test('Who may write does, and arranges the calendar for themselves; what ends the share ends all of it', async () => {
  const { id, share } = await newCalendar('Shared', 'write')
  const url = `${theirs.home}${id}/`
  const put = await theirs.send('PUT', `${url}new.ics`, { body: eventFile('new', 'SUMMARY:New') })
  const patched = await theirs.send('PROPPATCH', url, {
    body: `<D:propertyupdate xmlns:D="DAV:" xmlns:A="http://apple.com/ns/ical/"><D:set><D:prop><A:calendar-color>#FF0000FF</A:calendar-color><A:calendar-order>3</A:calendar-order><D:displayname>Theirs</D:displayname></D:prop></D:set></D:propertyupdate>`,
  })
  const theirNames = await theirs.calendars()
  const ownNames = await own.calendars()
  const token = await theirs.send('REPORT', url, { body: syncBody('') })

  await ask('DELETE', `calendars/${id}/shares/${share}/`, owner)
  const after = [
    await theirs.send('PROPFIND', url, { depth: '0', body: find }),
    await theirs.send('GET', `${url}new.ics`),
    await theirs.send('PUT', `${url}new.ics`, { body: eventFile('new', 'SUMMARY:Late') }),
    await theirs.send('REPORT', url, { body: syncBody('') }),
  ]

  assert.equal(put.status, 201, put.text)
  assert.deepEqual(rowsOf(patched)[0]!.missing, [])
  assert.equal(theirNames.get('Theirs'), url)
  assert.ok(ownNames.has('Shared'))
  assert.equal(token.status, 207)
  assert.deepEqual(
    after.map(({ status }) => status),
    [404, 404, 404, 404],
  )
})

test('A calendar is made, arranged, and deleted with what stands in it; the first one is kept, and lists of tasks are not made', async () => {
  const url = `${own.home}7B2C-Trips/`
  const body = `<B:mkcalendar xmlns:B="urn:ietf:params:xml:ns:caldav"><A:set xmlns:A="DAV:"><A:prop><A:displayname>Trips</A:displayname><D:calendar-color xmlns:D="http://apple.com/ns/ical/">#1BADF8FF</D:calendar-color><D:calendar-order xmlns:D="http://apple.com/ns/ical/">5</D:calendar-order><B:supported-calendar-component-set><B:comp name="VEVENT"/></B:supported-calendar-component-set></A:prop></A:set></B:mkcalendar>`
  const made = await own.send('MKCALENDAR', url, { body })
  const again = await own.send('MKCALENDAR', url, { body })
  const tasks = await own.send('MKCALENDAR', `${own.home}tasks/`, { body: body.replace('VEVENT', 'VTODO') })
  const [row] = rowsOf(
    await own.send('PROPFIND', url, {
      depth: '0',
      body: '<propfind xmlns="DAV:"><prop><displayname/><calendar-color xmlns="http://apple.com/ns/ical/"/><calendar-order xmlns="http://apple.com/ns/ical/"/></prop></propfind>',
    }),
  )
  const protectedProperty = await own.send('PROPPATCH', url, {
    body: '<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><D:getetag>x</D:getetag><D:displayname>Lost</D:displayname></D:prop></D:set></D:propertyupdate>',
  })
  await own.send('PUT', `${url}a.ics`, { body: eventFile('a') })
  const first = (await own.calendars()).get('Calendar')!
  const kept = await own.send('DELETE', first)
  const deleted = await own.send('DELETE', url)

  assert.deepEqual([made.status, again.status, tasks.status], [201, 405, 403])
  assert.deepEqual([...row!.props.values()], ['Trips', '#1badf8', '5'])
  assert.deepEqual(rowsOf(protectedProperty)[0]!.missing, ['403 {DAV:}getetag', '424 {DAV:}displayname'])
  assert.deepEqual([kept.status, deleted.status], [409, 204])
  assert.equal((await own.send('PROPFIND', url, { depth: '0' })).status, 404)
})

test('A revoked app password opens nothing from the next request on', async () => {
  const client = await clientOf(house, stranger)
  const list = await house.call('GET', '/api/v1/auth/app-passwords/', { token: stranger.token })
  const before = await client.send('PROPFIND', client.home, { depth: '0' })

  await house.call('DELETE', `/api/v1/auth/app-passwords/${list.body['data'].results[0].id}/`, {
    token: stranger.token,
  })
  const after = await client.send('PROPFIND', client.home, { depth: '0' })

  assert.deepEqual([before.status, after.status], [207, 401])
})
