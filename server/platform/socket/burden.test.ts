import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { connect } from '../../../test/socket.ts'
import { openHouse } from '../../../test/support.ts'
import { appendToStreams } from '../streams.ts'

const house = await openHouse()
await house.house.realtime.start()
const base = await house.http.listen({ port: 0, host: '127.0.0.1' })

const metric = async (line: string): Promise<number> => {
  const { text } = await house.call('GET', '/metrics')
  return Number(
    text
      .split('\n')
      .find((one) => one.startsWith(line))
      ?.split(' ')
      .at(-1) ?? 0,
  )
}
async function until(isTrue: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let tries = 0; !(await isTrue()); tries++) {
    if (tries === 600) throw new Error(`never ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

test('who reads too slowly is dropped instead of being buffered for, keeps nobody waiting, and resumes where it was', async () => {
  const [slow, quick] = [await house.person(), await house.person()]
  const [reader, other] = [
    await connect(base, { token: slow.token, seq: 0 }),
    await connect(base, { token: quick.token, seq: 0 }),
  ]
  await reader.next('resumed')
  const before = await metric('sockets_closed_total{reason="too slow"')
  const text = 'x'.repeat(100_000)

  reader.ws.pause()
  for (let n = 0; n < 250; n++) await appendToStreams(house.ctx(), [slow.id], { type: 'note', data: { text } })
  await appendToStreams(house.ctx(), [quick.id], { type: 'note', data: {} })
  await other.next('note')
  await until(async () => (await metric('sockets_closed_total{reason="too slow"')) > before, 'dropped')
  reader.ws.resume()
  await reader.closed
  const seen = reader.heard.filter(({ type }) => type === 'note').map(({ seq }) => seq as number)
  const again = await connect(base, { token: slow.token, seq: seen.at(-1) ?? 0 })
  await again.next('resumed')

  const rest = again.heard.filter(({ type }) => type === 'note').map(({ seq }) => seq as number)
  assert.ok(seen.length < 250)
  assert.deepEqual(
    [...seen, ...rest],
    Array.from({ length: 250 }, (_, i) => i + 1),
  )
  await again.close()
  await other.close()
})

test('sockets that come and go leave nothing behind', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const jane = await house.person()
  const round = async (): Promise<number> => {
    for (let n = 0; n < 10; n++) {
      const sockets = await Promise.all(Array.from({ length: 20 }, () => connect(base, { token: jane.token, seq: 0 })))
      await Promise.all(sockets.map((socket) => socket.close()))
    }
    await until(async () => (await metric('sockets_open')) === 0, 'empty')
    collect()
    return process.memoryUsage().heapUsed
  }

  await round()
  const first = await round()
  const last = await round()

  assert.ok(last - first < 3_000_000, `${last - first} bytes more`)
})
