import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeBeside } from '../../../test/platform.ts'
import { connect, Refused } from '../../../test/socket.ts'
import { openHouse } from '../../../test/support.ts'
import { appendToStreams } from '../streams.ts'

const house = await openHouse({ BACKEND_CORS_ORIGINS: 'https://app.example.com', SOCKETS_PER_PERSON: '3' })
await house.house.realtime.start()
const base = await house.http.listen({ port: 0, host: '127.0.0.1' })

const ticketOf = async (token: string): Promise<string> =>
  (await house.call('POST', '/api/v1/ws/ticket/', { token })).body['data'].ticket

test('a token opens the socket in the query, in the header with or without Bearer, and in the first frame', async () => {
  const jane = await house.person()

  const sockets = [
    await connect(base, { token: jane.token }),
    await connect(base, { header: `Bearer ${jane.token}` }),
    await connect(base, { header: jane.token }),
  ]
  await Promise.all(sockets.map((socket) => socket.close()))
  const bare = await connect(base)
  bare.say({ type: 'auth', id: 'first', token: jane.token })
  const hello = await bare.next('hello')

  for (const { heard } of sockets) assert.equal(heard[0]!['user_id'], jane.id)
  assert.deepEqual(
    { ...hello, server_time: null },
    {
      type: 'hello',
      id: 'first',
      user_id: jane.id,
      seq: 0,
      server_time: null,
      heartbeat_seconds: 30,
      expires_at: '2026-01-12T08:30:00Z',
    },
  )
  await bare.close()
})

test('a ticket serves once, for 60 seconds, on any process', async (t) => {
  const jane = await house.person()
  const other = await nodeBeside(house, t)
  const otherBase = await other.http.listen({ port: 0, host: '127.0.0.1' })
  const [first, late] = [await ticketOf(jane.token), await ticketOf(jane.token)]

  const socket = await connect(otherBase, { ticket: first })
  const [again, expired] = [await connect(base), await connect(base)]
  again.say({ type: 'auth', ticket: first })
  house.pass({ seconds: 61 })
  expired.say({ type: 'auth', ticket: late })

  assert.equal(socket.heard[0]!['user_id'], jane.id)
  for (const { next, closed } of [again, expired]) {
    assert.equal((await next('error'))['error'].error_number, 'AUTHENTICATION_FAILED')
    assert.equal((await closed).code, 4401)
  }
  await socket.close()
})

test('of many who show one ticket at once, one comes in', async () => {
  const jane = await house.person()
  const ticket = await ticketOf(jane.token)

  const sockets = await Promise.all(Array.from({ length: 8 }, () => connect(base)))
  for (const { say } of sockets) say({ type: 'auth', ticket })
  const firsts = await Promise.all(sockets.map(({ next }) => next()))

  assert.equal(firsts.filter(({ type }) => type === 'hello').length, 1)
  await Promise.all(sockets.map((socket) => socket.close()))
})

test('a ticket needs a token, and is told to nobody else', async () => {
  const jane = await house.person()

  const without = await house.call('POST', '/api/v1/ws/ticket/')
  const made = await house.call('POST', '/api/v1/ws/ticket/', { token: jane.token })
  const rows = await house.house.db.selectFrom('socket_tickets').selectAll().execute()

  assert.equal(without.status, 401)
  assert.deepEqual([made.status, made.headers['cache-control']], [201, 'no-store'])
  assert.ok(rows.length > 0 && rows.every((row) => !JSON.stringify(row).includes(made.body['data'].ticket)))
})

test('whoever shows nothing valid is told why and closed', async () => {
  const jane = await house.person()
  await house.call('POST', '/api/v1/auth/logout/', { token: jane.token })
  const wrong: [object, string][] = [
    [{ type: 'auth', token: 'nonsense' }, 'AUTHENTICATION_FAILED'],
    [{ type: 'auth', token: jane.token }, 'AUTHENTICATION_FAILED'],
    [{ type: 'auth', ticket: 'nonsense' }, 'AUTHENTICATION_FAILED'],
    [{ type: 'auth' }, 'TOKEN_MISSING'],
    [{ type: 'ping' }, 'TOKEN_MISSING'],
    [{ type: 'resume', seq: 0 }, 'TOKEN_MISSING'],
  ]

  for (const [frame, code] of wrong) {
    const socket = await connect(base)
    socket.say(frame)

    assert.equal((await socket.next('error'))['error'].error_number, code)
    assert.equal((await socket.closed).code, 4401)
  }
})

test('pages of other origins are refused at the handshake, those of the list are not', async () => {
  const jane = await house.person()

  const refused = connect(base, { token: jane.token }, { origin: 'https://evil.example.com' })
  await assert.rejects(refused, /handshake 403/)
  const own = await connect(base, { token: jane.token }, { origin: 'https://app.example.com' })

  assert.equal(own.heard[0]!['type'], 'hello')
  await own.close()
})

test('the path answers a plain request with what it is, and no other path becomes a socket', async () => {
  const plain = await fetch(`${base}/ws/chat/`)
  const elsewhere = connect(base.replace('http', 'ws') + '/elsewhere?x=', {})

  assert.equal(plain.status, 400)
  assert.match(((await plain.json()) as { error: { error_message: string } }).error.error_message, /WebSocket/)
  await assert.rejects(elsewhere, /handshake 404/)
})

test('a person has only so many sockets on one process', async () => {
  const jane = await house.person()
  const sockets = await Promise.all(Array.from({ length: 3 }, () => connect(base, { token: jane.token })))

  const fourth = await connect(base)
  fourth.say({ type: 'auth', token: jane.token })

  assert.equal((await fourth.closed).code, 4409)
  await Promise.all(sockets.map((socket) => socket.close()))
  await (await connect(base, { token: jane.token })).close()
})

test('a socket is told before its token ends, goes on with a fresh one, and is closed without', async () => {
  const jane = await house.person()
  const [kept, left] = [await connect(base, { token: jane.token }), await connect(base, { token: jane.token })]
  house.pass({ minutes: 29, seconds: 30 })
  await kept.next('expiring')
  await left.next('expiring')

  const refreshed = await house.call('POST', '/api/v1/auth/token/refresh/', { json: { refresh: jane.refresh } })
  const answer = await kept.ask({ type: 'auth', token: refreshed.body['data'].access })
  house.pass({ minutes: 1 })

  assert.deepEqual(await left.closed, { code: 4401, reason: 'token expired' })
  assert.ok(answer['expires_at'] > kept.heard[0]!['expires_at'])
  await kept.ask({ type: 'ping' })
  await kept.close()
})

test('a fresh token of another person closes the socket instead of turning it over', async () => {
  const [jane, mary] = [await house.person(), await house.person()]
  const socket = await connect(base, { token: jane.token })

  await assert.rejects(socket.ask({ type: 'auth', token: mary.token }), Refused)

  assert.equal((await socket.closed).code, 4401)
})

test('signing out, a new password and a deactivated account close the sockets on every process', async (t) => {
  const other = await nodeBeside(house, t)
  await other.house.realtime.start()
  const otherBase = await other.http.listen({ port: 0, host: '127.0.0.1' })
  const [jane, mary, paul, admin] = await Promise.all([
    house.person(),
    house.person(),
    house.person(),
    house.person('super_admin'),
  ])
  const sockets = await Promise.all([jane, mary, paul].map(({ token }) => connect(otherBase, { token })))
  const unrelated = await connect(otherBase, { token: admin.token })
  const again = await house.call('POST', '/api/v1/auth/login/', {
    json: { email: mary.email, password: mary.password },
  })

  const out = await house.call('POST', '/api/v1/auth/logout/', { token: jane.token })
  const changed = await house.call('POST', '/api/v1/auth/password-change/', {
    token: again.body['data'].access,
    json: { current_password: mary.password, new_password: 'NewSecurePassword123!' },
  })
  const deactivated = await house.call('PUT', `/api/v1/users/${paul.id}/`, {
    token: admin.token,
    json: { is_active: false },
  })

  assert.deepEqual([out.status, changed.status, deactivated.status], [200, 200, 200])
  for (const { closed } of sockets) assert.deepEqual(await closed, { code: 4401, reason: 'signed out' })
  await unrelated.ask({ type: 'ping' })
  await unrelated.close()
})

test('a sign-out that was not heard is made up for when messages may have been missed', async () => {
  const jane = await house.person()
  const socket = await connect(base, { token: jane.token })
  await house.house.db
    .updateTable('sessions')
    .set({ ended_at: house.house.clock() })
    .where('user_id', '=', jane.id)
    .execute()

  await house.house.pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'banister listen' AND datname = current_database()`,
  )

  assert.equal((await socket.closed).code, 4401)
})

test('nothing is told to who is not signed in', async () => {
  const jane = await house.person()
  const [signedIn, bare] = [await connect(base, { token: jane.token }), await connect(base)]

  await appendToStreams(house.ctx(), [jane.id], { type: 'note', data: {} })
  await signedIn.next('note')

  assert.deepEqual(bare.heard, [])
  await bare.close()
  await signedIn.close()
})
