import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CircuitOpen, createCircuit } from './circuit.ts'

const noon = Temporal.Instant.from('2026-03-02T12:00:00Z')
const ok = async () => 'answer'
const dead = async () => {
  throw new Error('no answer')
}

const refuse = async () => {
  throw new RangeError('no such recipient')
}

/** A circuit of three failures and a minute's rest, with a clock to turn. */
function given(isFailure?: (error: unknown) => boolean) {
  const clock = { now: noon }
  const circuit = createCircuit({
    name: 'smtp',
    failures: 3,
    rest: Temporal.Duration.from({ minutes: 1 }),
    now: () => clock.now,
    ...(isFailure && { isFailure }),
  })
  const fail = async (times: number) => {
    for (let n = 0; n < times; n++) await assert.rejects(circuit.run(dead), /no answer/)
  }
  return { clock, circuit, fail }
}

test('three failures in a row open it, and then nothing is asked', async () => {
  const { circuit, fail } = given()
  await fail(3)

  let asked = false
  const refused = circuit.run(async () => {
    asked = true
  })

  await assert.rejects(refused, (e) => e instanceof CircuitOpen && e.retryAt.equals(noon.add({ minutes: 1 })))
  assert.equal(asked, false)
  assert.equal(circuit.state(), 'open')
})

test('a success between failures forgives them', async () => {
  const { circuit, fail } = given()

  await fail(2)
  await circuit.run(ok)
  await fail(2)

  assert.equal(await circuit.run(ok), 'answer')
  assert.equal(circuit.state(), 'closed')
})

test('after the rest one call is let through, and its success closes it', async () => {
  const { clock, circuit, fail } = given()
  await fail(3)
  clock.now = noon.add({ minutes: 1 })
  assert.equal(circuit.state(), 'half_open')

  const { promise, resolve } = Promise.withResolvers<string>()
  const probe = circuit.run(() => promise)
  await assert.rejects(circuit.run(ok), CircuitOpen)
  resolve('well again')

  assert.equal(await probe, 'well again')
  assert.equal(circuit.state(), 'closed')
  await fail(2)
  assert.equal(circuit.state(), 'closed')
})

test('a failed trial opens it again for a whole rest', async () => {
  const { clock, circuit, fail } = given()
  await fail(3)
  clock.now = noon.add({ seconds: 70 })

  await fail(1)

  await assert.rejects(circuit.run(ok), (e) => e instanceof CircuitOpen && e.retryAt.equals(noon.add({ seconds: 130 })))
})

test('a call begun before it opened does not close it when it ends well, nor prolong the rest when it fails', async () => {
  const { circuit, fail } = given()
  const early = Promise.withResolvers<string>()
  const earlier = Promise.withResolvers<string>()
  const well = circuit.run(() => early.promise)
  const ill = circuit.run(() => earlier.promise)
  await fail(3)

  early.resolve('late')
  earlier.reject(new Error('late too'))
  await well
  await assert.rejects(ill, /late too/)

  assert.equal(circuit.state(), 'open')
})

test('a refusal of one request is no illness of the service', async () => {
  const { circuit } = given((error) => !(error instanceof RangeError))
  for (let n = 0; n < 10; n++) await assert.rejects(circuit.run(refuse), RangeError)

  assert.equal(circuit.state(), 'closed')
})
