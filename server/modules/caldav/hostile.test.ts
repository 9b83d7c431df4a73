import assert from 'node:assert/strict'
import { test } from 'node:test'
import { found, join } from '../../../test/company.ts'
import { openHouse } from '../../../test/support.ts'
import { authenticateApp } from '../accounts/index.ts'
import { findCollection, listObjects, readObjects } from '../calendars/index.ts'
import {
  clientOf,
  conditionOf,
  etagKey,
  eventFile,
  multigetBody,
  queryBody,
  rowsOf,
  syncBody,
  tokenOf,
} from './client.fixture.ts'
import { responsesFor } from './reports/asked.ts'
import { readXml } from './xml/read.ts'

const house = await openHouse()
const admin = await house.person()
const client = await clientOf(house, admin)
const calendar = (await client.calendars()).get('Calendar')!

test('A calendar that was made anew at the same address begins anew for every device: neither token nor tag of the old one holds', async () => {
  const url = `${client.home}anew/`
  const make = async (title: string) => {
    await client.send('MKCALENDAR', url)
    await client.send('PUT', `${url}a.ics`, { body: eventFile('a', `SUMMARY:${title}`) })
    const { headers } = await client.send('GET', `${url}a.ics`)
    return { etag: headers['etag']!, token: tokenOf(await client.send('REPORT', url, { body: syncBody('') })) }
  }

  const old = await make('Old')
  await client.send('DELETE', url)
  const now = await make('New')
  const synchronized = await client.send('REPORT', url, { body: syncBody(old.token) })
  const overwritten = await client.send('PUT', `${url}a.ics`, {
    body: eventFile('a', 'SUMMARY:Lost'),
    headers: { 'if-match': old.etag },
  })

  assert.notEqual(now.etag, old.etag)
  assert.equal(synchronized.status, 403)
  assert.equal(conditionOf(synchronized), 'valid-sync-token')
  assert.equal(overwritten.status, 412)
})

const body = (data: string): string => queryBody('<C:comp-filter name="VEVENT"/>', data)

test('A token that was made up is refused by its name', async () => {
  await client.send('PUT', `${calendar}token.ics`, { body: eventFile('token') })
  const token = tokenOf(await client.send('REPORT', calendar, { body: syncBody('') }))
  const id = '00000000-0000-0000-0000-000000000000'
  const later = token.replace(/-\d+-4$/, `-999999-4-${id}-0`)

  for (const forged of [later, `${token}-${'a'.repeat(36)}-0`, `${token}-${'-'.repeat(36)}-0`]) {
    const answer = await client.send('REPORT', calendar, { body: syncBody(forged) })
    assert.equal(answer.status, 403, forged)
    assert.equal(conditionOf(answer), 'valid-sync-token')
  }
})

test('A name that nothing can have is not there, and spoils nothing else that is asked for', async () => {
  await client.send('PUT', `${calendar}there.ics`, { body: eventFile('there') })
  const odd = `${calendar}%00.ics`

  const got = await client.send('GET', odd)
  const deleted = await client.send('DELETE', odd)
  const rows = rowsOf(
    await client.send('REPORT', calendar, { body: multigetBody([odd, `${calendar}there.ics`, '%zz', '/dav/%00/']) }),
  )

  assert.deepEqual([got.status, deleted.status], [404, 404])
  assert.deepEqual(rows.filter(({ status }) => status === 404).length, 3)
  assert.ok(rows.some(({ href, props }) => href === `${calendar}there.ics` && props.has(etagKey)))
})

test('A short request makes no endless answer: what is asked for twice is answered once, and more than any client asks for is refused', async () => {
  await client.send('PUT', `${calendar}long.ics`, { body: eventFile('long', `DESCRIPTION:${'x'.repeat(10_000)}`) })

  const once = await client.send('REPORT', calendar, { body: body('<C:calendar-data/>') })
  const twice = await client.send('REPORT', calendar, { body: body('<C:calendar-data/>'.repeat(50)) })
  const refused = await Promise.all(
    [
      '<C:calendar-data/>'.repeat(1000),
      Array.from({ length: 1000 }, (_, i) => `<a${i} xmlns="urn:x"/>`).join(''),
      `<a xmlns="urn:${'x'.repeat(30_000)}"/>`,
      `<C:calendar-data><C:comp name="VCALENDAR">${'<C:prop name="X"/>'.repeat(1000)}</C:comp></C:calendar-data>`,
    ].map((data) => client.send('REPORT', calendar, { body: body(data) })),
  )
  const properties = await client.send('PROPFIND', calendar, {
    body: `<propfind xmlns="DAV:"><prop>${Array.from({ length: 1000 }, (_, i) => `<a${i}/>`).join('')}</prop></propfind>`,
    depth: '1',
  })

  assert.equal(twice.text, once.text)
  assert.deepEqual(
    [...refused, properties].map(({ status }) => status),
    [413, 413, 413, 413, 413],
  )
})

test('Of devices that put the same event at once one makes it, and the others hear that it is there', async () => {
  const put = (name: string, headers: Record<string, string> = {}) =>
    client.send('PUT', `${calendar}${name}`, { body: eventFile('once'), headers })

  const made = await Promise.all(Array.from({ length: 5 }, () => put('once.ics', { 'if-none-match': '*' })))
  await client.send('DELETE', `${calendar}once.ics`)
  const replaced = await Promise.all(Array.from({ length: 5 }, () => put('once.ics')))
  await client.send('DELETE', `${calendar}once.ics`)
  const elsewhere = await Promise.all(Array.from({ length: 5 }, (_, i) => put(`once${i}.ics`)))
  const calendars = await Promise.all(Array.from({ length: 5 }, () => client.send('MKCALENDAR', `${client.home}new/`)))

  assert.deepEqual(
    made.map(({ status }) => status).toSorted((a, b) => a - b),
    [201, 412, 412, 412, 412],
  )
  assert.deepEqual(
    replaced.map(({ status }) => status).toSorted((a, b) => a - b),
    [201, 204, 204, 204, 204],
  )
  assert.deepEqual(
    elsewhere.map(({ status }) => status).toSorted((a, b) => a - b),
    [201, 403, 403, 403, 403],
  )
  for (const answer of elsewhere.filter(({ status }) => status === 403))
    assert.match(answer.text, /<C:no-uid-conflict><D:href>.+once\d\.ics<\/D:href>/)
  assert.deepEqual(
    calendars.map(({ status }) => status).toSorted((a, b) => a - b),
    [201, 405, 405, 405, 405],
  )
})

test('A long answer lets others have their turn, and one that is too long is refused by its name', async () => {
  const url = `${client.home}long/`
  await client.send('MKCALENDAR', url)
  for (let i = 0; i < 30; i++)
    await client.send('PUT', `${url}${i}.ics`, { body: eventFile(`long ${i}`, `DESCRIPTION:${'x'.repeat(20_000)}`) })
  const ctx = house.ctx()
  const asking = { ...ctx, actor: await authenticateApp(ctx, client.person.email, client.secret) }
  const collection = await findCollection(asking, 'long')
  const known = await readObjects(asking, await listObjects(asking, collection))
  const root = readXml(Buffer.from(queryBody('<C:comp-filter name="VEVENT"/>')))
  const ask = (left: number) =>
    responsesFor(asking, { root, collection, name: 'long', header: () => undefined, size: { left } }, known, known)
  let others = 0
  setImmediate(() => others++)

  const responses = await ask(10_000_000)

  assert.equal(others, 1)
  assert.equal(responses.length, 30)
  await assert.rejects(ask(500_000), { message: 'The calendar has too many events for one answer' })
})

test('A program that still knows the organizer by a former e-mail takes nobody out of a meeting', async () => {
  const organization = await found(house, admin, 'Acme')
  const colleague = await join(house, organization, admin, 'employee')
  const url = `${calendar}meeting.ics`
  const file = (title: string, organizer: string): string =>
    eventFile('meeting', `SUMMARY:${title}`, `ORGANIZER:mailto:${organizer}`, `ATTENDEE:mailto:${colleague.email}`)
  await client.send('PUT', url, { body: file('Before', admin.email) })

  const changed = await client.send('PUT', url, { body: file('After', 'former@example.com') })
  const { text } = await client.send('GET', url)
  const invited = await clientOf(house, colleague)
  const list = await invited.send('REPORT', `${invited.home}invitations/`, { body: body('<C:calendar-data/>') })

  assert.equal(changed.status, 204)
  assert.match(text, /SUMMARY:After/)
  const unfolded = text.replaceAll('\r\n ', '')
  assert.ok(unfolded.includes(`mailto:${admin.email}`) && unfolded.includes(`mailto:${colleague.email}`))
  assert.doesNotMatch(text, /former@example/)
  assert.match(list.text, /SUMMARY:After/)
})
