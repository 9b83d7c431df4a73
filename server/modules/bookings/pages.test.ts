import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse } from '../../../test/support.ts'

const house = await openHouse()

test('the links of mails lead to pages in the language of the reader, which load nothing from elsewhere', async () => {
  for (const [path, word] of [
    ['/bookings/manage/?token=x', 'Ваше бронювання'],
    ['/bookings/12/', 'Ваше бронювання'],
    ['/invitations/?token=x', 'Прийняти запрошення'],
    ['/account/password-reset', 'Banister'],
  ] as const) {
    const page = await house.call('GET', path, { headers: { 'accept-language': 'uk' } })

    assert.equal(page.status, 200, path)
    assert.ok(page.text.includes(word), path)
    assert.match(page.headers['content-security-policy']!, /default-src 'none'/)
    const script = /<script src="([^"]+)"/.exec(page.text)![1]!
    assert.equal((await house.call('GET', script)).status, 200, script)
  }
  assert.equal((await house.call('GET', '/bookings/twelve/')).status, 404)
})
