import assert from 'node:assert/strict'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { isReachable } from './address.ts'
import { post, type Post, type Resolve } from './post.ts'

const asked: string[] = []
let answer: (response: ServerResponse) => void = (response) => response.writeHead(200).end('fine')
const server = createServer((request, response) => {
  asked.push(`${request.method} ${request.url}`)
  answer(response)
})
const listening = Promise.withResolvers<void>()
server.listen(0, '127.0.0.1', listening.resolve)
await listening.promise
const { port } = server.address() as AddressInfo
after(() => {
  server.closeAllConnections()
  server.close()
})

const send = (host: string, more: Partial<Post> = {}) =>
  post({
    url: new URL(`http://${host}:${port}/hook`),
    headers: { 'content-type': 'application/json' },
    body: '{"name":"Олена"}',
    timeoutMs: 2000,
    maxBytes: 100,
    reach: 'loopback',
    ...more,
  })
const named =
  (...addresses: string[]): Resolve =>
  (_, done) =>
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )

const unreachable =
  '0.0.0.0 10.1.2.3 100.64.0.1 100.100.100.200 127.0.0.1 127.255.255.254 168.63.129.16 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.192 192.168.1.1 198.18.0.1 224.0.0.1 255.255.255.255 :: ::1 ::ffff:10.0.0.1 ::ffff:8.8.8.8 64:ff9b::a00:1 fe80::1 fc00::1 fd00:ec2::254 ff02::1 2001::1 2001:db8::1 2002:a00:1:: 4000::1'.split(
    ' ',
  )
const reachable =
  '8.8.8.8 1.1.1.1 172.32.0.1 172.15.255.255 100.128.0.1 223.255.255.255 2606:4700:4700::1111 2a00:1450::1'.split(' ')
test('Only addresses of the public internet are public, in whatever clothes they come', () => {
  assert.deepEqual(
    unreachable.filter((address) => isReachable(address, 'public')),
    [],
  )
  assert.deepEqual(
    reachable.filter((address) => !isReachable(address, 'public')),
    [],
  )
  assert.deepEqual(
    ['127.0.0.1', '::1', '::ffff:127.0.0.1', '10.0.0.1', '169.254.169.254', 'example.com'].map((address) =>
      isReachable(address, 'loopback'),
    ),
    [true, true, true, false, false, false],
  )
  assert.deepEqual([isReachable('10.0.0.1', 'any'), isReachable('nonsense', 'any')], [true, false])
})

test('What is posted arrives, and the beginning of the answer comes back', async () => {
  answer = (response) => response.writeHead(201, { 'x-a': 'b' }).end('x'.repeat(5000))

  const result = await send('127.0.0.1')

  assert.ok('status' in result)
  assert.deepEqual([result.status, result.headers['x-a'], result.body.length], [201, 'b', 100])
})

test('A name that leads inside is refused before anything is sent, also where only one of its addresses does', async () => {
  asked.length = 0

  const results = [
    await send('localhost', { reach: 'public' }),
    await send('127.0.0.1', { reach: 'public' }),
    await send('receiver.example', { reach: 'public', resolve: named('127.0.0.1') }),
    await send('receiver.example', { reach: 'public', resolve: named('93.184.216.34', '10.0.0.1') }),
    await send('receiver.example', { reach: 'loopback', resolve: named('169.254.169.254') }),
  ]

  for (const result of results) assert.deepEqual(result, { problem: 'refused_address' })
  assert.deepEqual(asked, [])
})

test('A name that is another one at the next look is of no use: what was looked at is what is connected to', async () => {
  asked.length = 0
  let looks = 0
  const rebinding: Resolve = (name, done) => {
    looks++
    named(looks === 1 ? '127.0.0.2' : '10.0.0.1')(name, done)
  }

  const first = await send('receiver.example', { resolve: rebinding, reach: 'public' })
  const second = await send('receiver.example', { resolve: rebinding, reach: 'loopback' })

  assert.deepEqual([first, second, looks], [{ problem: 'refused_address' }, { problem: 'refused_address' }, 2])
  assert.deepEqual(asked, [])
})

test('A redirect is an answer like any other and is not followed', async () => {
  asked.length = 0
  answer = (response) => response.writeHead(307, { location: '/elsewhere' }).end()

  const result = await send('127.0.0.1')

  assert.ok('status' in result && result.status === 307)
  assert.deepEqual(asked, ['POST /hook'])
})

test('Who says nothing is left after the time, who has said how it went and then goes on is believed', async () => {
  answer = () => undefined
  const silent = await send('127.0.0.1', { timeoutMs: 150 })
  answer = (response) => response.writeHead(200).write('slow')
  const slow = await send('127.0.0.1', { timeoutMs: 150 })

  assert.deepEqual(silent, { problem: 'timeout' })
  assert.ok('status' in slow)
  assert.deepEqual([slow.status, slow.body], [200, 'slow'])
})

const missing: Resolve = (_, done) => done(Object.assign(new Error('no'), { code: 'ENOTFOUND' }), [])
const url = (text: string) => ({ url: new URL(text) })
test('What goes wrong is named: no such name, nobody there, no TLS, a connection that breaks', async () => {
  answer = (response) => void response.socket?.destroy()

  const results = [
    await send('nobody.example', { resolve: missing }),
    await send('nobody.example', { resolve: named() }),
    await send('127.0.0.1', url('http://127.0.0.1:1/')),
    await send('127.0.0.1', url(`https://127.0.0.1:${port}/`)),
    await send('127.0.0.1'),
  ]

  assert.deepEqual(
    results.map((result) => ('problem' in result ? result.problem : result.status)),
    ['dns', 'dns', 'refused', 'tls', 'connection'],
  )
})
