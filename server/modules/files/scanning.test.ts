import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { eicar, startClamd } from '../../platform/files/clamd.fixture.ts'
import { form, pdf } from '../../platform/files/samples.fixture.ts'
import { openHouse, type Person } from '../../../test/support.ts'

const clamd = await startClamd()
after(() => clamd.stop())
const house = await openHouse({ CLAMD_HOST: '127.0.0.1', CLAMD_PORT: String(clamd.port) })
const { call, person, pass } = house

const path = '/api/v1/files/attachments/'
const upload = (who: Person, bytes: Buffer) =>
  call('POST', path, { token: who.token, ...form(bytes, { name: 'a.txt' }) })
const get = async (who: Person, id: number) => call('GET', `${path}${id}/`, { token: who.token })
const inStore = async (): Promise<number> => (await Array.fromAsync(house.house.files.list('attachments'))).length

test('an upload is scanned at once: a clean one can be used, an infected one is refused and not kept', async () => {
  const jane = await person()

  const clean = await upload(jane, pdf())
  const infected = await upload(jane, Buffer.from(`a text\n${eicar}`))

  assert.deepEqual([clean.status, clean.body['data'].scan], [201, 'clean'])
  assert.deepEqual([infected.status, infected.body['error'].details[0].rule], [400, 'infected'])
  assert.equal(await inStore(), 1)
  const health = await call('GET', '/api/v1/health/')
  assert.deepEqual(health.body['data'].dependencies.scanner, { status: 'ok' })
})

test('while the scanner is down uploads are kept and wait, and nobody can load or use them; then they are scanned', async () => {
  const jane = await person()
  clamd.behave('hang up')
  const good = (await upload(jane, pdf())).body['data']
  const bad = (await upload(jane, Buffer.from(eicar))).body['data']
  assert.deepEqual([good.scan, good.url, bad.scan, bad.url], ['pending', null, 'pending', null])
  assert.equal((await call('GET', '/api/v1/health/')).body['data'].dependencies.scanner.status, 'down')

  await house.house.jobs.run('files.scan_pending')
  assert.equal((await get(jane, good.id)).body['data'].scan, 'pending')
  clamd.behave('scan')
  pass({ seconds: 40 })
  await house.house.jobs.run('files.scan_pending')
  await house.drain()

  const scanned = (await get(jane, good.id)).body['data']
  assert.equal(scanned.scan, 'clean')
  assert.equal((await house.http.inject({ method: 'GET', url: new URL(scanned.url).pathname })).statusCode, 200)
  assert.equal((await get(jane, bad.id)).status, 404)
  const told = await call('GET', '/api/v1/notifications/', { token: jane.token })
  assert.deepEqual(told.body['data'].results.filter(({ kind }: { kind: string }) => kind === 'file_infected').length, 1)
})
