import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { eicar, startClamd } from '../../platform/files/clamd.fixture.ts'
import { pdf } from '../../platform/files/samples.fixture.ts'
import { openHouse } from '../../../test/support.ts'
import { documentsOf, path } from './support.fixture.ts'

const clamd = await startClamd()
after(() => clamd.stop())
const house = await openHouse({ CLAMD_HOST: '127.0.0.1', CLAMD_PORT: String(clamd.port) })
const { call, person, drain, pass } = house
const { upload, put, get, reviewer, told } = documentsOf(house)

test('while the scanner is down a document waits unseen and undecided; then it goes to the reviewers', async () => {
  const [john, boss] = [await person('provider'), await reviewer()]
  clamd.behave('hang up')
  const good = (await upload(john)).body['data']
  const queue = async () => (await call('GET', `${path}?status=pending`, { token: boss.token })).body['data'].results

  assert.deepEqual([good.status, good.download_url], ['pending_scan', null])
  assert.deepEqual(await queue(), [])
  assert.equal((await get(boss, good.id)).body['data'].download_url, null)
  assert.equal((await put(boss, good.id, { status: 'approved' })).status, 409)
  assert.equal((await put(john, good.id, { title: 'My passport' })).body['data'].status, 'pending_scan')

  clamd.behave('scan')
  pass({ seconds: 40 })
  await house.house.jobs.run('files.scan_pending')
  await drain()

  assert.deepEqual(
    (await queue()).map(({ id }: { id: number }) => id),
    [good.id],
  )
  assert.notEqual((await get(boss, good.id)).body['data'].download_url, null)
  assert.ok((await told(boss)).includes('review_waiting'))
})

test('a document whose file turns out to be infected is removed, and its owner is told', async () => {
  const [john, boss] = [await person('provider'), await reviewer()]
  clamd.behave('hang up')
  const bad = (await upload(john, {}, pdf(`/X/${eicar}`))).body['data']
  clamd.behave('scan')
  pass({ seconds: 40 })

  await house.house.jobs.run('files.scan_pending')
  await drain()

  assert.equal((await get(john, bad.id)).status, 404)
  assert.equal((await get(boss, bad.id)).status, 404)
  assert.ok((await told(john)).includes('file_infected'))
})

test('of two verdicts at once the later one stands whole', async () => {
  const [john, boss, other] = [await person('provider'), await reviewer(), await reviewer()]
  const { id } = (await upload(john)).body['data']

  const answers = await Promise.all([
    put(boss, id, { status: 'approved' }),
    put(other, id, { status: 'rejected', reason: 'Blurred' }),
  ])

  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200],
  )
  const { status, reason } = (await get(john, id)).body['data']
  const { is_verified } = (await call('GET', `/api/v1/public/providers/${john.id}/`)).body['data']
  assert.ok(
    (status === 'approved' && reason === null && is_verified) ||
      (status === 'rejected' && reason === 'Blurred' && !is_verified),
  )
})
