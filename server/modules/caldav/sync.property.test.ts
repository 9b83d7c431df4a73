import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askerOf } from '../../../test/company.ts'
import { openHouse } from '../../../test/support.ts'
import {
  clientOf,
  conditionOf,
  dataKey,
  etagKey,
  eventFile,
  multigetBody,
  rowsOf,
  syncBody,
  tokenOf,
  type Client,
} from './client.fixture.ts'

const house = await openHouse()
const ask = askerOf(house)

/** Numbers that look random and are the same at every run. */
function randomOf(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** A device: what it holds of a calendar, by address, and where it stands. */
function deviceOf(client: Client, url: string) {
  const held = new Map<string, { etag: string; text: string }>()
  let token = ''
  const sync = async (limit: number): Promise<void> => {
    for (;;) {
      const answer = await client.send('REPORT', url, {
        body: syncBody(token, `<limit><nresults>${limit}</nresults></limit>`),
      })
      const rows = rowsOf(answer)
      const changed = rows.filter(({ props }) => props.has(etagKey))
      if (changed.length > 0) {
        const data = rowsOf(await client.send('REPORT', url, { body: multigetBody(changed.map(({ href }) => href)) }))
        for (const { href, props } of data) held.set(href, { etag: props.get(etagKey)!, text: props.get(dataKey)! })
      }
      // Last, so that what is told both ways is found.
      for (const { href, status } of rows) if (status === 404) held.delete(href)
      token = tokenOf(answer)
      if (!rows.some(({ href, status }) => href === url && status === 507)) return
    }
  }
  return { held, sync, client }
}

const someOf = <T>(all: readonly T[], random: (below: number) => number): T | undefined => all[random(all.length)]

for (const seed of [1, 7]) {
  test(`Whatever is changed through the API and by two devices, each holds what the server holds once it has synchronized (${seed})`, async () => {
    const random = randomOf(seed)
    const jane = await house.person()
    const [phone, laptop] = [await clientOf(house, jane), await clientOf(house, jane)]
    const url = (await phone.calendars()).get('Calendar')!
    const id = url.split('/').at(-2)!
    const other: string = (await ask('POST', 'calendars/', jane, { name: 'Other' })).body['data'].id
    const devices = [deviceOf(phone, url), deviceOf(laptop, url)]
    const known: string[] = []
    let made = 0

    const steps: (() => Promise<unknown>)[] = [
      async () => {
        const at = { start_time: '2026-01-13T10:00:00Z', end_time: '2026-01-13T11:00:00Z' }
        const rule = random(2) ? { recurrence_rule: 'FREQ=DAILY;COUNT=4' } : {}
        const event = await ask('POST', 'events/', jane, { title: `Made ${made++}`, ...at, ...rule })
        known.push(event.body['data'].id)
      },
      async () => {
        const one = someOf(known, random)
        if (one) await ask('PUT', `events/${one}/`, jane, { title: `Changed ${made++}` })
      },
      async () => {
        const one = someOf(known, random)
        if (one) await ask('PUT', `events/${one}/`, jane, { calendar_id: random(2) ? id : other })
      },
      async () => {
        const one = someOf(known, random)
        const scope = random(2)
          ? 'this&occurrence=2026-01-14T10:00:00Z'
          : 'this_and_following&occurrence=2026-01-15T10:00:00Z'
        if (one) await ask('PUT', `events/${one}/?scope=${scope}`, jane, { title: `One ${made++}` })
      },
      async () => {
        const one = someOf(known, random)
        if (one && random(2)) await ask('DELETE', `events/${one}/`, jane)
      },
      async () => {
        const { client } = someOf(devices, random)!
        const name = `${random(6)}.ics`
        // The same name is taken again after it was deleted.
        const body = eventFile(`uid-${seed}-${made++}`, 'SUMMARY:Put')
        const put = await client.send('PUT', `${url}${name}`, { body, headers: { 'if-none-match': '*' } })
        assert.ok([201, 412].includes(put.status), put.text)
      },
      async () => {
        const { client, held } = someOf(devices, random)!
        const one = someOf([...held], random)
        if (!one) return
        const [href, { etag, text }] = one
        const body = text.replace(/SUMMARY:.*/, `SUMMARY:Again ${made++}`)
        const put = await client.send('PUT', href, { body, headers: { 'if-match': etag } })
        assert.ok([204, 412].includes(put.status), put.text)
      },
      async () => {
        const { client, held } = someOf(devices, random)!
        const one = someOf([...held], random)
        if (!one || random(2)) return
        const gone = await client.send('DELETE', one[0], { headers: { 'if-match': one[1].etag } })
        assert.ok([204, 404, 412].includes(gone.status), gone.text)
      },
      async () => someOf(devices, random)!.sync(1 + random(3)),
    ]
    for (let i = 0; i < 90; i++) await someOf(steps, random)!()
    for (const { sync } of devices) await sync(2)

    const etags = rowsOf(
      await phone.send('PROPFIND', url, {
        depth: '1',
        body: '<propfind xmlns="DAV:"><prop><getetag/></prop></propfind>',
      }),
    ).slice(1)
    assert.ok(etags.length > 3)
    for (const { held } of devices) {
      assert.deepEqual(
        [...held].map(([href, { etag }]) => `${href} ${etag}`).toSorted(),
        etags.map(({ href, props }) => `${href} ${props.get(etagKey)}`).toSorted(),
      )
      for (const [href, { text }] of held)
        assert.equal(
          (await phone.send('GET', href)).text.replaceAll('\r\n', '\n').trim(),
          text.replaceAll('\r\n', '\n').trim(),
        )
    }
  })
}

test('A name that was given again is there, and not gone, whoever it was before', async () => {
  const jane = await house.person()
  const client = await clientOf(house, jane)
  const url = (await client.calendars()).get('Calendar')!
  await client.send('PUT', `${url}a.ics`, { body: eventFile('first') })
  const token = tokenOf(await client.send('REPORT', url, { body: syncBody('') }))
  await client.send('DELETE', `${url}a.ics`)
  await client.send('PUT', `${url}a.ics`, { body: eventFile('second') })

  const rows = rowsOf(await client.send('REPORT', url, { body: syncBody(token) }))

  assert.deepEqual(
    rows.map(({ href, status }) => [href, status]),
    [[`${url}a.ics`, 200]],
  )
})

test('A token of another access, of nothing, or from before what is remembered begins anew', async () => {
  const jane = await house.person()
  const client = await clientOf(house, jane)
  const url = (await client.calendars()).get('Calendar')!
  await client.send('PUT', `${url}a.ics`, { body: eventFile('a') })
  await client.send('PUT', `${url}b.ics`, { body: eventFile('b') })
  const old = tokenOf(await client.send('REPORT', url, { body: syncBody('') }))
  await client.send('DELETE', `${url}a.ics`)
  const before = rowsOf(await client.send('REPORT', url, { body: syncBody(old) }))
  const now = tokenOf(await client.send('REPORT', url, { body: syncBody(old) }))
  const ctx = house.ctx()
  await ctx.db
    .updateTable('event_tombstones')
    .set({ deleted_at: ctx.now.subtract({ hours: 24 * 181 }) })
    .execute()
  await house.house.jobs.enqueue(ctx, 'calendars.forget_deleted', {})
  await house.drain()

  const tokens = [old, old.replace(/-4$/, '-2'), 'data:,999-4', 'urn:x', 'data:,1-4-x']
  const refused = await Promise.all(tokens.map((token) => client.send('REPORT', url, { body: syncBody(token) })))
  const fresh = rowsOf(await client.send('REPORT', url, { body: syncBody(now) }))

  assert.deepEqual(
    before.map(({ href, status }) => [href, status]),
    [[`${url}a.ics`, 404]],
  )
  for (const answer of refused) {
    assert.equal(answer.status, 403, answer.text)
    assert.equal(conditionOf(answer), 'valid-sync-token')
  }
  assert.deepEqual(fresh, [])
})
