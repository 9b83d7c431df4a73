import assert from 'node:assert/strict'
import { test } from 'node:test'
import PostalMime from 'postal-mime'
import { LOCALES } from '../i18n/index.ts'
import type { Locale } from '../i18n/index.ts'
import { render } from './render.ts'
import type { RenderedMail } from './render.ts'
import { startSink } from './smtp.fixture.ts'
import { createSmtpMailer } from './smtp.ts'
import type { MailParams, TemplateName } from './templates/templates.ts'

const link = 'https://banister.test/go?token=AbC-_9&x=1'
const at = Temporal.ZonedDateTime.from('2026-03-02T14:05[Europe/Kyiv]')
const samples: MailParams = {
  email_confirmation: { code: '402913', link, minutes: 15 },
  password_reset: { code: '402913', minutes: 15 },
  email_change: { code: '402913', link, minutes: 15 },
  email_change_notice: { newEmail: 'jane@example.com', undoLink: link, hours: 72 },
  email_changed_notice: { newEmail: 'jane@example.com', undoLink: link, hours: 72 },
  password_changed: { at, resetLink: link },
  two_factor_on: { at, resetLink: link },
  two_factor_off: { at, resetLink: link },
  two_factor_reset: { at, resetLink: link },
  two_factor_guessed: { at, resetLink: link },
  recovery_code_used: { at, left: 9, resetLink: link },
  recovery_codes_new: { at, resetLink: link },
  app_password_made: { at, name: 'ACME', resetLink: link },
  organization_invitation: { organization: 'ACME', inviter: 'Jane Smith', link, days: 7 },
  export_ready: { link, days: 7 },
  account_deleted: {},
  notification: {
    title: 'Moved',
    body: 'Your booking\nwas moved.\n\nSee you.',
    action: { link, button: 'Look' },
    unsubscribe: { link, label: 'No more' },
  },
}
const names = Object.keys(samples).filter((name): name is TemplateName => Object.hasOwn(samples, name))
const all = names.flatMap((name) => LOCALES.map((locale) => ({ name, locale, mail: sample(name, locale) })))

function sample(name: TemplateName, locale: Locale): RenderedMail {
  return render(name, locale, samples[name])
}

function within(locale: Locale, minutes: number): string {
  return render('password_reset', locale, { code: '402913', minutes }).text
}

/** What one reads of the HTML. */
function visible(html: string): string {
  return html.replace(/<style>[\s\S]*?<\/style>/, '').replaceAll(/<[^>]*>/g, ' ')
}

test('every mail in every language is whole: nothing undefined, unfilled or unclosed', () => {
  assert.equal(all.length, 68)
  for (const { name, locale, mail } of all) {
    for (const part of [mail.subject, mail.html, mail.text]) {
      assert.doesNotMatch(part, /undefined|null|NaN|\[object|<%|%>|\bit\.[a-z]/, `${name} ${locale}`)
      assert.ok(part.trim().length > 0)
    }
    assert.match(mail.html, new RegExp(`^<!doctype html>\\n<html lang="${locale}"`))
    assert.doesNotMatch(mail.text, /<\/?[a-z]/i, `${name} ${locale}`)
    for (const tag of ['p', 'a', 'div', 'h1', 'table', 'tr', 'td', 'strong', 'html', 'body']) {
      const opened = mail.html.match(new RegExp(`<${tag}[\\s>]`, 'g'))?.length ?? 0
      const closed = mail.html.match(new RegExp(`</${tag}>`, 'g'))?.length ?? 0
      assert.equal(opened, closed, `${name} ${locale}: <${tag}>`)
    }
  }
})

test('every mail speaks its own language only', () => {
  const foreign = {
    en: /\p{Script=Cyrillic}/u,
    ru: /[A-Za-z]|[іїєґІЇЄҐ]/,
    uk: /[A-Za-z]|[ыэъёЫЭЪЁ]/,
    es: /\p{Script=Cyrillic}|\b(?:the|and|you|your|with|for|of|is|was|not|this)\b/iu,
  }
  const given = /Banister|GMT\+2|https?:\S+|jane@example.\u2060?com|ACME|Jane Smith|&amp;/g

  for (const { name, locale, mail } of all) {
    // All words of a notification are the caller's; its frame is checked with the others.
    if (name === 'notification') continue
    for (const part of [mail.subject, visible(mail.html), mail.text]) {
      assert.doesNotMatch(part.replaceAll(given, ''), foreign[locale], `${name} ${locale}`)
    }
  }
})

test('HTML and text say the same: every code, link, name and time is in both', () => {
  const said = ['402913', link, 'jane@example.\u2060com', 'ACME', 'Jane Smith', 'See you.', '14:05', '15', '72', '7 ']

  for (const { name, locale, mail } of all) {
    const html = visible(mail.html).replaceAll('&amp;', '&')
    for (const word of said) assert.equal(html.includes(word), mail.text.includes(word), `${name} ${locale}: ${word}`)
  }
})

test('lengths of time are said in the forms of the language', () => {
  assert.match(within('en', 1), /Valid for 1 minute\./)
  assert.match(within('en', 15), /Valid for 15 minutes\./)
  assert.match(within('ru', 1), /Срок действия: 1 минута\./)
  assert.match(within('ru', 3), /Срок действия: 3 минуты\./)
  assert.match(within('ru', 15), /Срок действия: 15 минут\./)
  assert.match(within('uk', 15), /Строк дії: 15 хвилин\./)
  assert.match(within('es', 1), /Válido durante 1 minuto\./)
  assert.match(within('es', 15), /Válido durante 15 minutos\./)
  assert.match(sample('password_changed', 'uk').text, /2 березня 2026/)
  assert.match(sample('password_changed', 'es').text, /2 de marzo de 2026/)
})

test('what people write is escaped, on one line, and makes no link', () => {
  const hostile =
    '<img src=x onerror=alert(1)>"\'&\r\nBcc: x@y.zz\u2028\u202Eevil.com https://evil.com <%= 7*7 %> \ud800'

  for (const locale of LOCALES) {
    const { subject, html, text } = render('organization_invitation', locale, {
      organization: hostile,
      inviter: hostile,
      link,
      days: 7,
    })

    assert.doesNotMatch(subject, /[\r\n\u2028\u202E]/)
    assert.doesNotMatch(html, /<img|<%|\u202E/)
    assert.match(html, /&lt;img src=x onerror=alert\(1\)&gt;&quot;&#39;&amp; Bcc/)
    assert.equal(html.match(/href="/g)?.length, 2)
    for (const part of [subject, html, text]) {
      assert.doesNotMatch(part, /evil\.com|:\/\/evil/)
      assert.ok(part.isWellFormed())
    }
    assert.doesNotMatch(text, /^Bcc/m)
  }
})

test('a very long name is cut', () => {
  const { subject } = render('organization_invitation', 'en', {
    organization: 'x'.repeat(10_000),
    inviter: 'y'.repeat(10_000),
    link,
    days: 7,
  })

  assert.ok(subject.length < 300)
})

test('a notification keeps its paragraphs and lines, numbers and dates as they are, and may go without a button', () => {
  const body = 'One & two:\r\n1.500 EUR on 12.03.2026\n\n\n\n<b>three</b>'

  const { html, text } = render('notification', 'en', { title: 'T', body })

  assert.match(text, /^One & two:\n1\.500 EUR on 12\.03\.2026\n\n<b>three<\/b>\n\n-- \n/)
  assert.match(
    html.replaceAll(/ style="[^"]*"/g, ''),
    /<p>\nOne &amp; two:<br>\n1\.500 EUR on 12\.03\.2026\n\n?<\/p>\n<p>\n&lt;b&gt;three/,
  )
  assert.doesNotMatch(html, /href/)
})

test('a link that is no whole web address is refused', () => {
  for (const bad of [
    'javascript:alert(1)',
    'JavaScript:alert(1)',
    'data:text/html,x',
    '/relative',
    'banister.test',
    '',
    'https://a b',
    'java\nscript:x',
    'https://x\r\nBcc: y',
    'https://x.test/\r\nBcc:y',
    'https://x.test/ evil.com',
  ]) {
    assert.throws(() => render('email_change', 'en', { code: '402913', link: bad, minutes: 15 }), TypeError, bad)
    assert.throws(
      () => render('notification', 'en', { title: 't', body: 'b', action: { link: bad, button: 'x' } }),
      TypeError,
      bad,
    )
  }
  const quoted = render('email_change', 'en', {
    code: '402913',
    link: 'https://x.test/"onclick="alert(1)',
    minutes: 15,
  })
  assert.doesNotMatch(quoted.html, /"onclick/)
})

test('nothing is loaded from outside and colours are written with six signs', () => {
  for (const { name, locale, mail } of all) {
    assert.doesNotMatch(mail.html, /<(?:img|script|link|iframe|object|form)\b|src=|url\(|@import/i, `${name} ${locale}`)
    for (const colour of mail.html.match(/#[0-9a-z]+\b(?!;?&)/gi) ?? []) assert.match(colour, /^#[0-9a-f]{6}$|^#39$/)
  }
})

test('in a mail with a code its six digits stand together and no others stand alone, from the screen to the wire', async () => {
  const sink = await startSink()
  const mailer = createSmtpMailer({
    host: '127.0.0.1',
    port: sink.port,
    useTls: false,
    from: 'a@banister.test',
    now: () => Temporal.Now.instant(),
  })
  const alone = /(?<![\d\w#])\d{6}(?![\d\w])/g

  for (const { mail } of all.filter(({ name }) => 'code' in samples[name]))
    await mailer.send({ to: 'jane@example.com', ...mail })
  await mailer.close()
  await sink.stop()

  assert.equal(sink.received.length, 12)
  for (const { raw } of sink.received) {
    const email = await PostalMime.parse(raw)
    assert.deepEqual(email.text?.match(alone), ['402913'])
    assert.deepEqual(email.html?.match(alone), ['402913'])
    assert.deepEqual(visible(email.html ?? '').match(alone), ['402913'])
    const body = raw.slice(raw.indexOf('\r\n\r\n'))
    assert.deepEqual(body.match(alone), ['402913', '402913'])
    assert.ok(raw.split('\r\n').every((line) => line.length <= 100))
  }
})

test('lines have a sane length', () => {
  for (const { name, locale, mail } of all) {
    for (const line of mail.text.split('\n')) assert.ok(line.length <= 78, `${name} ${locale}: ${line}`)
    for (const line of mail.html.split('\n')) assert.ok(line.length <= 400, `${name} ${locale}: ${line.length}`)
    assert.ok(mail.subject.length <= 60, `${name} ${locale}`)
  }
})

test('a dark or light page keeps text and ground apart by 4.5 to 1', () => {
  const pairs = [
    ['#1b222d', '#ffffff'],
    ['#565f6e', '#ffffff'],
    ['#565f6e', '#f2f4f7'],
    ['#1b4fd0', '#ffffff'],
    ['#eef1f5', '#1e242e'],
    ['#b4bcc8', '#1e242e'],
    ['#b4bcc8', '#14181f'],
    ['#9dbdff', '#1e242e'],
  ] as const
  const { html } = sample('email_change', 'en')
  const lines = ['#d5dae1', '#3a4352']
  assert.deepEqual(
    [...new Set(html.match(/#[0-9a-f]{6}/g))].toSorted(),
    [...new Set([...pairs.flat(), ...lines])].toSorted(),
  )

  for (const [text, ground] of pairs) {
    const [light = 0, dark = 0] = [luminance(text), luminance(ground)].toSorted((a, b) => b - a)
    assert.ok((light + 0.05) / (dark + 0.05) >= 4.5, `${text} on ${ground}`)
  }
})

/** WCAG 2.2, relative luminance. */
function luminance(colour: string): number {
  const part = (from: number) => {
    const share = Number.parseInt(colour.slice(from, from + 2), 16) / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  }
  return 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
}
