import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { CircuitOpen } from '../circuit.ts'
import { eicar, startClamd } from './clamd.fixture.ts'
import { createClamd } from './clamd.ts'

const clamd = await startClamd()
after(() => clamd.stop())
let now = Temporal.Instant.from('2026-01-12T08:00:00Z')
const scannerOf = (port = clamd.port) =>
  createClamd({ host: '127.0.0.1', port, now: () => now, idleMs: 200, wholeMs: 2000 })
async function* bytes(...pieces: (string | Buffer)[]) {
  for (const piece of pieces) yield Buffer.from(piece)
}

test('a clean file is clean, an infected one is named, and every byte is sent', async () => {
  const scanner = scannerOf()
  const large = Buffer.alloc(300_000, 7)

  assert.deepEqual(await scanner.scan(bytes(large, 'end')), { infected: false })
  assert.deepEqual(await scanner.scan(bytes(eicar.slice(0, 20), eicar.slice(20))), {
    infected: true,
    what: 'Eicar-Test-Signature',
  })
  assert.deepEqual(clamd.scanned[0], Buffer.concat([large, Buffer.from('end')]))
  assert.deepEqual(scanner.state(), { status: 'ok' })
})

test('no answer is no verdict: a scanner that refuses, hangs up, is silent or is not there', async () => {
  for (const how of ['refuse', 'hang up', 'silent'] as const) {
    clamd.behave(how)
    const scanner = scannerOf()
    await assert.rejects(scanner.scan(bytes('x')), /clamd|ECONNRESET|EPIPE/, how)
    assert.equal(scanner.state().status, 'down')
  }
  clamd.behave('scan')
  await assert.rejects(scannerOf(1).scan(bytes('x')), /ECONNREFUSED/)
})

test('a dead scanner is left alone, and asked again after a rest', async () => {
  const scanner = scannerOf()
  clamd.behave('hang up')
  for (let at = 0; at < 5; at++) await assert.rejects(scanner.scan(bytes('x')))
  clamd.behave('scan')

  await assert.rejects(scanner.scan(bytes('x')), CircuitOpen)
  now = now.add({ seconds: 31 })

  assert.deepEqual(await scanner.scan(bytes('x')), { infected: false })
  assert.equal(scanner.state().status, 'ok')
})
