import assert from 'node:assert/strict'
import { rename, writeFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import { form, pdf, picture, unzip } from '../../platform/files/samples.fixture.ts'
import { openHouse, type Person } from '../../../test/support.ts'

const house = await openHouse()
const { call, person, drain, pass, mails } = house
const url = '/api/v1/auth/profile/export/'
const ask = (who: Person) => call('POST', url, { token: who.token })
const state = (who: Person) => call('GET', url, { token: who.token })
const load = (link: string) => house.http.inject({ method: 'GET', url: new URL(link).pathname })
const inStore = async (): Promise<number> => (await Array.fromAsync(house.house.files.list('exports'))).length
const confirm = (who: Person) =>
  house.house.db.updateTable('users').set({ email_confirmed_at: house.ctx().now }).where('id', '=', who.id).execute()
const again = async (who: Person): Promise<Person> => {
  const { body } = await call('POST', '/api/v1/auth/login/', { json: { email: who.email, password: who.password } })
  return { ...who, token: body['data'].access }
}
async function exported(who: Person): Promise<Map<string, Buffer>> {
  const asked = await ask(who)
  assert.deepEqual([asked.status, asked.body['data'].status], [201, 'pending'], asked.text)
  await drain()
  const { status, download_url: link, size } = (await state(who)).body['data']
  assert.equal(status, 'ready')
  const loaded = await load(link)
  assert.deepEqual(
    [loaded.statusCode, loaded.headers['content-type'], loaded.rawPayload.length],
    [200, 'application/zip', size],
  )
  assert.match(String(loaded.headers['content-disposition']), /^attachment; filename="banister-export-\d+\.zip"/)
  return unzip(loaded.rawPayload)
}

const json = (files: Map<string, Buffer>, name: string) => JSON.parse(files.get(name)!.toString())
const all = (files: Map<string, Buffer>) =>
  [...files].map(([name, bytes]) => name + bytes.toString('latin1')).join('\n')

test('an export holds all of a person and nothing of strangers', async () => {
  const john = await person('provider', { first_name: 'John', last_name: 'Brown' })
  const jane = await person('customer', { first_name: 'Jane', last_name: 'Janeway' })
  const eve = await person('customer', { first_name: 'Eve', last_name: 'Evesdaughter' })
  const post = async (who: Person, to: string, body: object): Promise<number> => {
    const made = await call('POST', `/api/v1/${to}/`, { token: who.token, json: body })
    assert.equal(made.status, 201, made.text)
    return made.body['data'].id
  }
  const hours = { kind: 'weekly', weekday: 2, start_time: '09:00', end_time: '17:00', time_zone: 'UTC' }
  await post(john, 'schedules', hours)
  const service = await post(john, 'services', {
    title: 'Massage',
    description: 'An hour',
    price: 50,
    payment: 'on_site',
  })
  for (const [who, hour] of [
    [jane, 10],
    [eve, 12],
  ] as const)
    await post(who, 'bookings', { service, date: `2026-01-13T${hour}:00:00Z`, note: `note of ${who.email}` })
  await post(jane, 'message/messages', { recipient_id: john.id, text: 'Hello from Jane' })
  await post(eve, 'message/messages', { recipient_id: john.id, text: 'Secret of Eve' })
  const told = await post(john, 'message/messages', { recipient_id: jane.id, text: 'Hello from John' })
  await post(jane, `message/messages/${told}/report`, { reason: 'Too short an answer' })
  await call('POST', '/api/v1/files/attachments/', { token: jane.token, ...form(pdf('/Jane 1'), { name: 'plan.pdf' }) })
  await call('POST', '/api/v1/files/attachments/', { token: eve.token, ...form(pdf('/Eve 1'), { name: 'eve.pdf' }) })
  await call('POST', '/api/v1/documents/', {
    token: john.token,
    ...form(pdf(), { name: 'passport.pdf', fields: { title: 'My passport', type: 'identity' } }),
  })
  await call('POST', '/api/v1/files/profile-photo/upload/', {
    token: jane.token,
    ...form(await picture('jpeg'), { field: 'photo' }),
  })
  await drain()

  const [ofJane, ofJohn] = [await exported(jane), await exported(john)]

  assert.equal(json(ofJane, 'account/profile.json').email, jane.email)
  assert.equal(json(ofJane, 'account/sessions.json').length, 1)
  assert.deepEqual(
    json(ofJane, 'bookings/bookings.json').map(
      (row: { as_whom: string; other_side: string; note: string; price: number }) => [
        row.as_whom,
        row.other_side,
        row.note,
        row.price,
      ],
    ),
    [['customer', 'John Brown', `note of ${jane.email}`, 50]],
  )
  assert.ok(ofJane.get('chat/messages.json')!.includes('Hello from Jane'))
  assert.equal(json(ofJane, 'chat/reports.json')[0].reason, 'Too short an answer')
  assert.ok(!all(ofJohn).includes('Too short'), 'who reported a message is not told to its author')
  assert.ok([...ofJane].some(([name, bytes]) => /^files\/\d+-plan\.pdf$/.test(name) && bytes.equals(pdf('/Jane 1'))))
  assert.ok((ofJane.get('account/photo.jpg')?.length ?? 0) > 100)
  assert.equal(json(ofJohn, 'bookings/bookings.json').length, 2)
  assert.equal(json(ofJohn, 'schedules/entries.json').length, 1)
  assert.equal(json(ofJohn, 'services/services.json')[0].title, 'Massage')
  assert.equal(json(ofJohn, 'documents/documents.json')[0].title, 'My passport')
  assert.ok([...ofJohn.keys()].some((name) => /^files\/\d+-passport\.pdf$/.test(name)))
  assert.ok(json(ofJohn, 'notifications/notifications.json').length > 0)
  for (const word of ['Eve', eve.email, john.email]) assert.ok(!all(ofJane).includes(word), `Jane's has ${word}`)
  for (const word of ['password', 'argon', 'token_hash', 'nonce', jane.refresh])
    assert.ok(!all(ofJane).toLowerCase().includes(word.toLowerCase()), word)
  assert.ok(!all(ofJohn).includes('plan.pdf'))
  const sections = [
    'account',
    'administration',
    'bookings',
    'calendars',
    'chat',
    'documents',
    'files',
    'google',
    'notifications',
    'organizations',
    'payments',
    'reviews',
    'schedules',
    'services',
    'tickets',
    'webhooks',
  ]
  assert.deepEqual(
    [...new Set([...ofJane.keys()].filter((name) => name.includes('/')).map((name) => name.split('/')[0]!))].toSorted(),
    sections,
  )
})

const about = async (email: string) => (await mails(email)).filter(({ subject }) => subject.includes('data'))

test('the link by mail works for seven days without signing in, and nobody gets it whose e-mail is not confirmed', async () => {
  const [jane, unproved] = [await person(), await person()]
  await confirm(jane)
  await ask(jane)
  await ask(unproved)
  await drain()

  const [mail, ...more] = await about(jane.email)
  const link = /http\S+\/files\/exports\/\S+/.exec(mail!.text)![0]
  const told = await about(unproved.email)
  assert.deepEqual([more.length, told.length, told[0]!.text.includes('/files/')], [0, 1, false])
  const { id } = (await state(unproved)).body['data']
  for (const forged of [
    link.slice(0, -1),
    link.replace(/exports\/\d+/, `exports/${id}`),
    link.replace('exports', 'private'),
  ])
    assert.equal((await load(forged)).statusCode, 404)
  pass({ days: 6, hours: 23 })
  assert.equal((await load(link)).statusCode, 200)
  pass({ hours: 1 })
  assert.equal((await load(link)).statusCode, 403)
  await house.house.jobs.run('administration.clean_exports')
  await drain()
  assert.equal(await inStore(), 0)
  assert.deepEqual((await state(await again(jane))).body['data'].status, 'removed')
})

test('one is made at a time, and one a day; a new one ends the old', async () => {
  const jane = await person()

  const both = await Promise.all([ask(jane), ask(jane)])
  assert.deepEqual(
    both.map(({ status }) => status).toSorted((a, b) => a - b),
    [201, 409],
  )
  await drain()
  const { download_url: first } = (await state(jane)).body['data']
  const soon = await ask(jane)
  assert.deepEqual([soon.status, Number(soon.headers['retry-after']) > 0], [429, true])
  pass({ hours: 24 })
  const later = await again(jane)
  const before = await inStore()
  await exported(later)
  assert.equal(await inStore(), before)
  assert.equal((await load(first)).statusCode, 403)
})

test('who removes an export has removed it, and a stranger never sees it', async () => {
  const [jane, eve, boss] = [await person(), await person(), await person('super_admin')]
  await ask(jane)
  await drain()
  const { download_url: link } = (await state(jane)).body['data']

  assert.deepEqual(
    [(await state(eve)).status, (await state(boss)).status, (await call('GET', url)).status],
    [404, 404, 401],
  )
  assert.equal((await call('DELETE', url, { token: eve.token })).status, 404)
  const before = await inStore()
  assert.equal((await call('DELETE', url, { token: jane.token })).status, 200)
  assert.equal((await load(link)).statusCode, 404)
  await drain()
  assert.equal(await inStore(), before - 1)
  assert.equal((await ask(jane)).status, 429, 'removing does not make another day of it')
})

test('a store that fails in the middle delays an export and loses nothing', async () => {
  const jane = await person()
  await ask(jane)
  const folder = path.join(house.house.config.DATA_DIR, 'files/exports')
  await rename(folder, `${folder}-away`)
  await writeFile(folder, 'in the way')
  const { id } = (await state(jane)).body['data']
  const { jobs } = await import('./index.ts')

  await assert.rejects(jobs['administration.export'].handle(house.ctx(), { id }))
  assert.equal((await state(jane)).body['data'].status, 'pending')
  await rm(folder)
  await rename(`${folder}-away`, folder)
  await drain()

  assert.equal((await state(jane)).body['data'].status, 'ready')
  await jobs['administration.export'].handle(house.ctx(), { id })
  assert.equal((await state(jane)).body['data'].status, 'ready', 'a job that is repeated changes nothing')
})

test('what is not made within a day is given up, and can be asked for at once', async () => {
  const jane = await person()
  await ask(jane)
  pass({ hours: 25 })

  await house.house.jobs.run('administration.clean_exports')

  const later = await again(jane)
  assert.equal((await state(later)).body['data'].status, 'failed')
  assert.equal((await ask(later)).status, 201)
})

test('an account that is deleted while its export is made leaves none', async () => {
  const jane = await person()
  await drain()
  const before = await inStore()
  await ask(jane)
  await call('DELETE', '/api/v1/auth/profile/', { token: jane.token, json: { password: jane.password } })

  await drain()

  assert.equal(await inStore(), before)
})
