import assert from 'node:assert/strict'
import { beforeEach, mock, test } from 'node:test'
import type { AppError } from '../errors.ts'
import { takePlace, type Place } from './turns.ts'

const stays = Promise.withResolvers<never>().promise
const take = (who: string, network: string): Promise<Place> => takePlace({ who, network }, stays)
const held: Place[] = []
const hold = async (who: string, network: string): Promise<void> => void held.push(await take(who, network))
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** An upload under way, and what it was told. */
function sending(place: Place): {
  come: (bytes: number) => void
  told: Promise<unknown>
  isOurs: (yes: boolean) => void
} {
  let bytes = 0
  let ours = false
  const { promise, reject } = Promise.withResolvers<never>()
  const meter = { bytes: () => bytes, isOurs: () => ours, stop: reject }
  const told = place.receive(meter, () => promise).catch((error: AppError) => error.details?.[0]?.rule)
  return { come: (more) => (bytes += more), told, isOurs: (yes) => (ours = yes) }
}
async function pass(seconds: number, each: () => void = () => undefined): Promise<void> {
  for (let i = 0; i < seconds; i++) {
    each()
    mock.timers.tick(1000)
    await settled()
  }
}
/** What a promise has come to by now. */
const now = async (one: Promise<unknown>): Promise<unknown> => {
  await settled()
  return Promise.race([one, Promise.resolve('nothing yet')])
}

mock.timers.enable({ apis: ['setInterval'] })
beforeEach(async () => {
  for (const place of held.splice(0)) place.free()
  await pass(1)
})

test('One network gets half of the places, and another one still finds one at once', async () => {
  for (let i = 0; i < 12; i++) await hold(`user:${i % 6}`, 'a')

  const more = take('user:9', 'a').then((place) => held.push(place))
  const elsewhere = await take('user:7', 'b')
  elsewhere.free()

  assert.equal(await now(more), 'nothing yet')
  held.shift()!.free()
  await more
})

test('However many networks came before, a new one is served before those that have places', async () => {
  for (const network of ['a', 'b', 'c', 'd', 'e']) {
    for (let i = 0; i < 24; i++) void hold(`${network}${i % 12}`, network).catch(() => undefined)
    // Whoever of them found no place has gone again.
    await pass(10)
  }

  const order: string[] = []
  const wait = async (network: string): Promise<void> => {
    held.push(await take(`new ${network}`, network))
    order.push(network)
  }
  const more = assert.rejects(wait('a'), { code: 'SERVICE_UNAVAILABLE' })
  const newcomer = wait('z')
  held.shift()!.free()
  await newcomer
  await pass(10)

  assert.deepEqual(order, ['z'])
  await more
})

test('A person has four places, those that they stand in line for included', async () => {
  for (let i = 0; i < 4; i++) await hold('user:1', 'a')

  await assert.rejects(take('user:1', 'b'), { code: 'RATE_LIMITED' })

  await hold('user:2', 'a')
})

test('Whoever finds no place for ten seconds is told to come back, and whoever hangs up leaves the line', async () => {
  for (let i = 0; i < 12; i++) await hold(`user:${i}`, 'a')
  const left = Promise.withResolvers<never>()
  const patient = take('user:20', 'a').catch(({ code }: AppError) => code)
  const gone = takePlace({ who: 'user:21', network: 'a' }, left.promise)

  left.reject(new Error('gone'))
  await assert.rejects(gone, /gone/)
  await pass(9)
  assert.equal(await now(patient), 'nothing yet')
  await pass(1)

  assert.equal(await patient, 'SERVICE_UNAVAILABLE')
})

test('A body that stands still loses its place after 20 seconds, and after 5 where places are scarce', async () => {
  const alone = await take('user:1', 'a')
  held.push(alone)
  const still = sending(alone)
  await pass(19)
  assert.equal(await now(still.told), 'nothing yet')
  await pass(1)
  assert.equal(await still.told, 'too_slow')

  for (let i = 0; i < 12; i++) await hold(`user:${i + 2}`, 'b')
  const among = sending(held.at(-1)!)
  await pass(4)
  assert.equal(await now(among.told), 'nothing yet')
  await pass(1)
  assert.equal(await among.told, 'too_slow')
})

test('A slow link that lives keeps its place for as long as it takes, also where places are scarce', async () => {
  for (let i = 0; i < 12; i++) await hold(`user:${i}`, 'a')
  const steady = sending(held[0]!)
  const jerky = sending(held[1]!)
  let second = 0

  await pass(300, () => {
    steady.come(4096)
    if (second++ % 4 === 0) jerky.come(5 * 4096)
  })

  assert.deepEqual([await now(steady.told), await now(jerky.told)], ['nothing yet', 'nothing yet'])
})

test('Nobody is slow while it is us who do not read on', async () => {
  const place = await take('user:1', 'a')
  held.push(place)
  const one = sending(place)
  one.isOurs(true)

  await pass(60)
  assert.equal(await now(one.told), 'nothing yet')

  one.isOurs(false)
  await pass(20)
  assert.equal(await one.told, 'too_slow')
})
