import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { after, test } from 'node:test'
import PostalMime from 'postal-mime'
import type { SMTPServerOptions } from 'smtp-server'
import { CircuitOpen } from '../circuit.ts'
import { MailRefused } from './mail.ts'
import type { Mail, Mailer } from './mail.ts'
import { createSmtpMailer, MailFailed } from './smtp.ts'
import type { SmtpOptions } from './smtp.ts'
import { certificate, startSink } from './smtp.fixture.ts'

const now = () => Temporal.Instant.from('2026-03-02T12:00:00Z')
const letter: Mail = { to: 'jane@example.com', subject: 'Hello', text: 'Good day', html: '<p>Good day</p>' }
const started: { sink: { stop: () => Promise<void> }; mailer: Mailer }[] = []
after(async () => {
  for (const { sink, mailer } of started) {
    await mailer.close()
    await sink.stop()
  }
})

/** A server, and a mailer that knows it. */
async function given(
  server: SMTPServerOptions = {},
  options: Partial<SmtpOptions> = {},
  refuse?: () => Error | undefined,
) {
  const sink = await startSink(server, refuse)
  const mailer = createSmtpMailer({
    host: 'localhost',
    port: sink.port,
    useTls: false,
    from: 'Banister <no-reply@banister.test>',
    now,
    ...options,
  })
  started.push({ sink, mailer })
  return { sink, mailer }
}

const refusing = (responseCode: number, message: string) => Object.assign(new Error(message), { responseCode })

test('a mail arrives with its sender, recipient, both texts, date and the Message-ID that it was given', async () => {
  const { sink, mailer } = await given()

  const { messageId } = await mailer.send({
    ...letter,
    to: { name: 'Жанна', address: 'jane@example.com' },
    subject: 'Вас приглашают',
    text: 'Добрый день',
    html: '<p>Добрый день</p>',
    messageId: 'job-17',
    inReplyTo: '<earlier@banister.test>',
    headers: { 'List-Unsubscribe': '<https://banister.test/u>' },
    attachments: [{ filename: 'день.ics', content: 'BEGIN:VCALENDAR', contentType: 'text/calendar; method=REQUEST' }],
  })

  assert.equal(messageId, '<job-17@banister.test>')
  const { raw, from, to } = sink.received[0]!
  const email = await PostalMime.parse(raw)
  assert.deepEqual([from, to], ['no-reply@banister.test', ['jane@example.com']])
  assert.deepEqual([email.from?.name, email.to?.[0]?.name], ['Banister', 'Жанна'])
  assert.deepEqual(
    [email.subject, email.text?.trim(), email.html?.trim()],
    ['Вас приглашают', 'Добрый день', '<p>Добрый день</p>'],
  )
  assert.deepEqual(
    [email.messageId, email.inReplyTo, email.references],
    [messageId, '<earlier@banister.test>', '<earlier@banister.test>'],
  )
  assert.equal(email.date, '2026-03-02T12:00:00.000Z')
  const header = (name: string) => email.headers.find(({ key }) => key === name)?.value
  assert.deepEqual(
    [header('list-unsubscribe'), header('auto-submitted')],
    ['<https://banister.test/u>', 'auto-generated'],
  )
  assert.deepEqual([email.attachments[0]?.filename, email.attachments[0]?.mimeType], ['день.ics', 'text/calendar'])
})

test('a repeated mail bears the same Message-ID, two mails without one do not', async () => {
  const { sink, mailer } = await given()

  for (const mail of [letter, letter]) await mailer.send(mail)
  for (const mail of [letter, letter]) await mailer.send({ ...mail, messageId: 'job-1@elsewhere.test' })

  const ids = sink.received.map(({ raw }) => /^Message-ID: (.+)$/im.exec(raw)?.[1])
  assert.equal(new Set(ids).size, 3)
  assert.equal(ids[2], '<job-1@elsewhere.test>')
})

test('connections are kept and few', async () => {
  const { sink, mailer } = await given()

  await Promise.all(Array.from({ length: 20 }, () => mailer.send(letter)))

  assert.equal(sink.received.length, 20)
  assert.ok(sink.connections() <= 3, `${sink.connections()} connections`)
})

test('an unknown recipient is refused for good, a busy server is not', async () => {
  const { mailer } = await given({
    onRcptTo({ address }, _session, callback) {
      if (address.startsWith('nobody')) callback(refusing(550, `5.1.1 <${address}>: no such user`))
      else if (address.startsWith('grey')) callback(refusing(450, `4.2.0 <${address}>: greylisted`))
      else callback()
    },
  })

  await assert.rejects(mailer.send({ ...letter, to: 'nobody@example.com' }), (error) => {
    assert.ok(error instanceof MailRefused && error.responseCode === 550)
    assert.doesNotMatch(`${error.message}${JSON.stringify(error)}${String(error.stack)}`, /nobody@/)
    return true
  })
  await assert.rejects(mailer.send({ ...letter, to: 'grey@example.com' }), (error) => {
    assert.ok(error instanceof MailFailed && error.responseCode === 450)
    assert.doesNotMatch(error.message, /grey@/)
    return true
  })
  await mailer.send(letter)
})

test('a content that the server will never take is refused for good, one for later is not', async () => {
  const answers = [refusing(554, 'spam'), refusing(552, 'too big'), refusing(451, 'try later')]
  const { mailer } = await given({}, {}, () => answers.shift())

  await assert.rejects(mailer.send(letter), MailRefused)
  await assert.rejects(mailer.send(letter), MailRefused)
  await assert.rejects(mailer.send(letter), MailFailed)
})

test('a wrong password or sender of ours is no fault of the mail', async () => {
  const { mailer: signedOut } = await given(
    { onAuth: (_auth, _session, callback) => callback(new Error('wrong')), allowInsecureAuth: true },
    { user: 'us', password: 'secret' },
  )
  const { mailer: unwanted } = await given({
    onMailFrom: (_address, _session, callback) => callback(refusing(550, 'sender unknown')),
  })

  await assert.rejects(signedOut.send(letter), (error) => error instanceof MailFailed && error.responseCode === 535)
  await assert.rejects(unwanted.send(letter), MailFailed)
})

test('it signs in when it is told to', async () => {
  const seen: unknown[] = []
  const { sink, mailer } = await given(
    {
      authOptional: false,
      allowInsecureAuth: true,
      onAuth({ username, password }, _session, callback) {
        seen.push(username, password)
        callback(null, { user: username })
      },
    },
    { user: 'us', password: 'secret' },
  )

  await mailer.send(letter)

  assert.deepEqual([seen, sink.received.length], [['us', 'secret'], 1])
})

test('with TLS demanded nothing is told to a server without it or with a false certificate', async () => {
  const { sink: plain, mailer: toPlain } = await given({}, { useTls: true })
  const { sink: stranger, mailer: toStranger } = await given({ disabledCommands: [] }, { useTls: true })
  const { sink: old, mailer: toOld } = await given({ secure: true }, { implicitTls: true })

  for (const mailer of [toPlain, toStranger, toOld]) await assert.rejects(mailer.send(letter), MailFailed)

  assert.deepEqual(
    [plain, stranger, old].flatMap(({ received }) => received),
    [],
  )
})

test('STARTTLS and TLS from the first byte both deliver to a server that proves who it is', async () => {
  const secureOnly: SMTPServerOptions = {
    disabledCommands: [],
    onMailFrom: (_address, session, callback) => callback(session.secure ? null : refusing(550, 'not in the clear')),
  }
  const { sink: upgraded, mailer: upgrading } = await given(secureOnly, { useTls: true, ca: certificate })
  const { sink: direct, mailer: directly } = await given(
    { ...secureOnly, secure: true },
    { useTls: true, implicitTls: true, ca: certificate },
  )

  await upgrading.send(letter)
  await directly.send(letter)

  assert.deepEqual([upgraded.received.length, direct.received.length], [1, 1])
})

test('a server that says nothing is given up in time', async () => {
  const silent = createServer((socket) => socket.on('error', () => {}))
  await new Promise<void>((listening) => silent.listen(0, '127.0.0.1', listening))
  const address = silent.address()
  assert.ok(address !== null && typeof address === 'object')
  const { mailer } = await given({}, { port: address.port, timeoutMs: 200 })

  await assert.rejects(mailer.send(letter), MailFailed)

  await mailer.close()
  silent.close()
})

test('after five failures the dead server is left alone, while refused recipients never lead there', async () => {
  const clock = { now: now() }
  const { mailer, sink } = await given(
    {
      onRcptTo: ({ address }, _session, callback) =>
        callback(address.startsWith('nobody') ? refusing(550, 'no such user') : null),
    },
    { now: () => clock.now },
  )

  for (let n = 0; n < 8; n++) await assert.rejects(mailer.send({ ...letter, to: 'nobody@example.com' }), MailRefused)
  assert.deepEqual(await mailer.state(), { status: 'ok' })

  await sink.stop()
  for (let n = 0; n < 5; n++) await assert.rejects(mailer.send(letter), MailFailed)
  await assert.rejects(mailer.send(letter), CircuitOpen)
  assert.deepEqual(await mailer.state(), { status: 'down' })

  clock.now = clock.now.add({ seconds: 30 })
  assert.deepEqual(await mailer.state(), { status: 'down' }, 'rested, and nothing has gone out yet')
  await assert.rejects(mailer.send(letter), MailFailed)
})

test('closing waits for what is being sent and takes nothing more', async () => {
  const { sink, mailer } = await given()

  const sending = [mailer.send(letter), mailer.send(letter), mailer.send(letter), mailer.send(letter)]
  await mailer.close()

  assert.equal(sink.received.length, 4)
  await Promise.all(sending)
  await assert.rejects(mailer.send(letter), MailFailed)
})
