import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Type } from 'typebox'
import { connect, Refused, type Client } from '../../../test/socket.ts'
import { openHouse } from '../../../test/support.ts'
import { conflict } from '../errors.ts'
import { Line } from '../http/shapes.ts'
import { frame } from './frame.ts'

const house = await openHouse({ SOCKET_FRAMES_PER_MINUTE: '200', SOCKET_HEARTBEAT_SECONDS: '1' })
const done: string[] = []
frame(house.http, {
  type: 'test.note',
  summary: 'Notes something',
  body: Type.Object({ text: Line(20, 1), times: Type.Optional(Type.Integer({ minimum: 1 })) }),
  answer: Type.Object({ text: Type.String() }),
  example: { body: { text: 'a' }, answer: { text: 'a' } },
  perMinute: 100,
  run: async (ctx, { text }) => {
    if (text === 'conflict') throw conflict('The time is taken')
    if (text === 'broken') throw new Error('a secret of ours')
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 5))
    done.push(text)
    return { text: `${text} ${ctx.actor?.userId}`, secret: 'not of the shape' }
  },
})
await house.house.realtime.start()
const base = await house.http.listen({ port: 0, host: '127.0.0.1' })

const errorOf = async ({ next }: Client): Promise<string> => (await next('error'))['error'].error_number

test('frames are done one after another and answered with their id and the fields of their shape', async () => {
  const jane = await house.person()
  const socket = await connect(base, { token: jane.token })

  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, n) => socket.ask({ type: 'test.note', id: `n${n}`, text: `t${n}`, unknown: 1 })),
  )

  assert.deepEqual(answers[3], { text: `t3 ${jane.id}` })
  assert.deepEqual(
    done,
    Array.from({ length: 40 }, (_, n) => `t${n}`),
  )
  await socket.close()
})

test('what is wrong with a frame is told with its id, as HTTP tells it, and what is ours says nothing of our inside', async () => {
  const jane = await house.person('customer', { locale: 'uk' })
  const socket = await connect(base, { token: jane.token })
  const refused = async (fields: object): Promise<Record<string, unknown>> => {
    const error = await socket.ask({ type: 'test.note', ...fields }).then(
      () => null,
      (reason: unknown) => reason,
    )
    assert.ok(error instanceof Refused)
    return error.error
  }

  const invalid = await refused({ text: '', times: '3' })
  const taken = await refused({ text: 'conflict' })
  const ours = await refused({ text: 'broken' })

  assert.equal(invalid['error_number'], 'VALIDATION_ERROR')
  assert.deepEqual(
    (invalid['details'] as { field: string; rule: string }[]).map(({ field, rule }) => [field, rule]),
    [
      ['text', 'minLength'],
      ['times', 'type'],
    ],
  )
  assert.equal(taken['error_number'], 'CONFLICT')
  assert.equal(ours['error_number'], 'UNKNOWN_ERROR')
  assert.ok(!JSON.stringify(ours).includes('secret'))
  assert.ok(ours['request_id'])
  await socket.close()
})

test('whatever is no frame is refused, and the socket goes on', async () => {
  const jane = await house.person()
  const socket = await connect(base, { token: jane.token })
  const wrong = [
    '',
    'nonsense',
    '[]',
    '[{"type":"ping"}]',
    'null',
    '7',
    '"ping"',
    '{}',
    '{"type":null}',
    '{"type":["ping"]}',
    '{"type":"unknown"}',
    '{"type":"__proto__"}',
    '{"type":"constructor"}',
    '{"type":"ping","id":7}',
    `{"type":"ping","id":"${'x'.repeat(65)}"}`,
    '{"type":"resume"}',
    '{"type":"resume","seq":-1}',
    '{"type":"resume","seq":1.5}',
    '{"type":"resume","seq":"1"}',
    '{"type":"resume","seq":1e300}',
    '{"type":"test.note","text":{"a":1}}',
    '{"type":"test.note","__proto__":{"text":"a"}}',
    `{"type":"test.note","text":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
    `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`,
    '['.repeat(60_000),
    '\u0000',
    '{"type":"ping"}{"type":"ping"}',
  ]

  for (const text of wrong) {
    socket.say(text)
    assert.equal(await errorOf(socket), 'VALIDATION_ERROR', text.slice(0, 60))
  }
  socket.ws.send(Buffer.from([0xff, 0xfe, 0x00]))
  assert.equal(await errorOf(socket), 'VALIDATION_ERROR')
  socket.ws.send(Buffer.from('{"type":"ping"}'), { binary: true })
  assert.equal(await errorOf(socket), 'VALIDATION_ERROR')

  await socket.ask({ type: 'ping' })
  await socket.close()
})

test('a frame of more than 64 KB closes the socket before it is read, and only that one', async () => {
  const jane = await house.person()
  const [large, other] = [await connect(base, { token: jane.token }), await connect(base, { token: jane.token })]

  large.say({ type: 'test.note', text: 'x'.repeat(70_000) })

  assert.equal((await large.closed).code, 1009)
  await other.ask({ type: 'ping' })
  await other.close()
})

test('bytes that break the protocol close the socket and nothing else', async () => {
  const jane = await house.person()
  const [broken, other] = [await connect(base, { token: jane.token }), await connect(base, { token: jane.token })]

  // A frame with reserved bits and no mask.
  const { _socket: raw } = broken.ws as unknown as { _socket: NodeJS.WritableStream }
  raw.write(Buffer.from([0xff, 0x7f, 0xff, 0xff, 0x00]))

  assert.ok([1002, 1006].includes((await broken.closed).code))
  await other.ask({ type: 'ping' })
  await other.close()
})

test('a type and a person have their limit a minute; who goes on and on is closed', async () => {
  const [jane, mary] = [await house.person(), await house.person()]
  const [socket, another] = [await connect(base, { token: jane.token }), await connect(base, { token: mary.token })]

  for (let n = 0; n < 100; n++) await socket.ask({ type: 'test.note', text: 'x' })
  const limited = await socket.ask({ type: 'test.note', text: 'x' }).catch((error: unknown) => error)
  await another.ask({ type: 'test.note', text: 'x' })
  for (let n = 0; n < 500 && socket.ws.readyState === socket.ws.OPEN; n++) socket.say({ type: 'ping' })

  assert.ok(limited instanceof Refused)
  assert.equal(limited.error['error_number'], 'RATE_LIMITED')
  assert.ok(limited.error['retry_after'] > 0)
  assert.equal((await socket.closed).code, 4429)
  await another.close()
})

test('who does not answer two heartbeats is closed', async () => {
  const jane = await house.person()
  const dead = await connect(base, { token: jane.token }, { autoPong: false })
  const alive = await connect(base, { token: jane.token })

  assert.equal((await dead.closed).code, 1006)
  await alive.ask({ type: 'ping' })
  await alive.close()
})
