import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import PostalMime from 'postal-mime'
import { compose, MailRefused, messageKey, parseSender } from './mail.ts'
import type { ComposedMail, Mail } from './mail.ts'
import { createOutboxMailer } from './outbox.ts'
import { startSink } from './smtp.fixture.ts'
import { createSmtpMailer } from './smtp.ts'

const from = { name: 'Banister', address: 'no-reply@banister.test' }
const letter: Mail = { to: 'jane@example.com', subject: 'Hello', text: 'Good day', html: '<p>Good day</p>' }
const breaks = ['\r\n', '\n', '\r', '\u2028', '\u0085', '\0', '\r\n\r\n', '\r\n ']
const EVIL = 'Bcc: victim@example.com'

const sink = await startSink()
const smtp = createSmtpMailer({
  host: '127.0.0.1',
  port: sink.port,
  useTls: false,
  from: 'Banister <no-reply@banister.test>',
  now: () => Temporal.Instant.from('2026-03-02T12:00:00Z'),
})
after(async () => {
  await smtp.close()
  await sink.stop()
})

test('line breaks in what people write (names, subjects, file names) make no header, seen at the receiving server', async () => {
  for (const lineBreak of breaks) {
    const evil = `x${lineBreak}${EVIL}${lineBreak}${lineBreak}<h1>forged</h1>`

    await smtp.send({
      ...letter,
      to: { name: evil, address: 'jane@example.com' },
      subject: evil,
      attachments: [{ filename: evil, content: 'x', contentType: 'text/plain' }],
    })

    const { to, raw } = sink.received.at(-1)!
    const email = await PostalMime.parse(raw)
    assert.deepEqual(to, ['jane@example.com'])
    assert.deepEqual(
      email.to?.map(({ address }) => address),
      ['jane@example.com'],
    )
    assert.equal(email.bcc, undefined)
    assert.doesNotMatch(raw, /^Bcc:/im)
    assert.ok(!email.headers.some(({ key }) => key === 'bcc'))
    assert.equal(email.html?.trim(), '<p>Good day</p>')
  }
})

test('what is kept for the outbox has no line breaks in its names either', () => {
  const evil = breaks.map((lineBreak) => `a${lineBreak}b`).join('')

  const kept = compose(
    {
      ...letter,
      to: { name: evil, address: 'jane@example.com' },
      subject: evil,
      attachments: [{ filename: evil, content: 'x', contentType: 'text/plain' }],
    },
    from,
  )

  for (const shown of [kept.subject, kept.to.name ?? '', kept.attachments[0]?.filename ?? ''])
    assert.match(shown, /^(a b)+$/)
})

test('a name that looks like addresses adds no recipient', async () => {
  for (const name of [
    'a@b.c, victim@example.com',
    '<victim@example.com>',
    '"x" <victim@example.com>, y',
    'x;',
    '=?utf-8?Q?a=0D=0ABcc:_v@example.com?=',
  ]) {
    await smtp.send({ ...letter, to: { name, address: 'jane@example.com' } })

    const { to, raw } = sink.received.at(-1)!
    const email = await PostalMime.parse(raw)
    assert.deepEqual(to, ['jane@example.com'])
    assert.deepEqual(
      email.to?.map((one) => one.address),
      ['jane@example.com'],
      name,
    )
  }
})

test('an address that is not just one address is refused', () => {
  const bad = [
    ...breaks.flatMap((lineBreak) => [
      `jane@example.com${lineBreak}`,
      `jane@example.com${lineBreak}${EVIL}`,
      `jane${lineBreak}@example.com`,
    ]),
    'jane@example.com, victim@example.com',
    'Jane <jane@example.com>',
    'jane@example.com> RCPT TO:<victim@example.com',
    'jane@victim.test@example.com',
    '"jane"@example.com',
    '',
    'jane',
    '@example.com',
    'jane@',
    `${'j'.repeat(65)}@example.com`,
  ]

  for (const address of bad) {
    assert.throws(() => compose({ ...letter, to: address }, from), MailRefused, JSON.stringify(address))
    assert.throws(
      () => compose({ ...letter, to: { name: 'Jane', address } }, from),
      MailRefused,
      JSON.stringify(address),
    )
  }
})

test('an address with letters of other alphabets is an address', () => {
  assert.deepEqual(compose({ ...letter, to: 'жанна@пример.рф' }, from).to, { address: 'жанна@пример.рф' })
})

test('headers, ids and file types with line breaks are refused', () => {
  for (const lineBreak of breaks) {
    const evil = `x${lineBreak}${EVIL}`
    const mails: Partial<Mail>[] = [
      { headers: { 'X-Kind': evil } },
      { headers: { [evil]: 'x' } },
      { messageId: evil },
      { inReplyTo: evil },
      { attachments: [{ filename: 'a.txt', content: 'x', contentType: `text/plain${lineBreak}${EVIL}` }] },
    ]
    for (const mail of mails)
      assert.throws(() => compose({ ...letter, ...mail }, from), MailRefused, JSON.stringify(mail))
  }
})

test('headers that say who, what and where cannot be given from outside', () => {
  for (const name of [
    'Bcc',
    'bcc',
    'To',
    'CC',
    'From',
    'Sender',
    'Subject',
    'Date',
    'Message-ID',
    'Content-Type',
    'MIME-Version',
    'X Y',
    'X:Y',
    '',
  ]) {
    assert.throws(() => compose({ ...letter, headers: { [name]: 'x' } }, from), MailRefused, name)
  }
})

test('a sender is read from its setting, and a wrong one is refused', () => {
  assert.deepEqual(parseSender('no-reply@banister.test'), { address: 'no-reply@banister.test' })
  assert.deepEqual(parseSender('Banister Team <a@b.test>'), { name: 'Banister Team', address: 'a@b.test' })
  assert.deepEqual(parseSender(' "Banister, Team" <a@b.test> '), { name: 'Banister, Team', address: 'a@b.test' })
  for (const wrong of [
    '',
    'Banister',
    'a@b.test, c@d.test',
    'a@b.test\r\nBcc: c@d.test',
    '<>',
    `${'x'.repeat(50_000)}<`,
  ]) {
    assert.throws(() => parseSender(wrong), MailRefused, wrong.slice(0, 40))
  }
})

test('the same parts make the same message key, others another', () => {
  assert.equal(messageKey('reset', 17), messageKey('reset', 17))
  assert.notEqual(messageKey('reset', 17), messageKey('reset1', 7))
  assert.match(
    compose({ ...letter, messageId: messageKey('reset', 17) }, from).messageId,
    /^<[\w-]{32}@banister\.test>$/,
  )
})

test('the outbox keeps what would have gone out', async () => {
  const kept: ComposedMail[] = []
  const outbox = createOutboxMailer({
    from: 'Banister <no-reply@banister.test>',
    store: async (mail) => void kept.push(mail),
  })

  const { messageId } = await outbox.send({ ...letter, messageId: 'job-1' })
  await assert.rejects(outbox.send({ ...letter, to: `jane@example.com\r\n${EVIL}` }), MailRefused)
  await outbox.close()

  assert.equal(messageId, '<job-1@banister.test>')
  assert.deepEqual(kept, [compose({ ...letter, messageId: 'job-1' }, from)])
  assert.deepEqual(await outbox.state(), { status: 'off' })
})
