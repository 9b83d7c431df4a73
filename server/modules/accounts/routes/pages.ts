import type { FastifyInstance } from 'fastify'
import { contextOf } from '../../../platform/http/request.ts'
import { translate, type Locale } from '../../../platform/i18n/index.ts'

/** What a form of these pages posts, as JSON, sits in its fields; the answer's sentence is shown, and the next form, if there is one, opens. */
const script = `for (const form of document.forms) {
  const token = new URLSearchParams(location.search).get('token')
  if (form.elements.token) form.elements.token.value = token ?? ''
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    const button = form.querySelector('button')
    const told = form.querySelector('output')
    button.disabled = true
    try {
      const answer = await fetch(form.dataset.post, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'accept-language': document.documentElement.lang },
        body: JSON.stringify(Object.fromEntries(new FormData(form))),
      })
      const { message, error } = await answer.json()
      told.textContent = message ?? error.details?.[0]?.message ?? error.error_message
      const next = form.nextElementSibling?.matches('form') ? form.nextElementSibling : null
      if (answer.ok && next) {
        next.hidden = false
        if (form.elements.email) next.elements.email.value = form.elements.email.value
      }
      button.disabled = answer.ok && !next
    } catch {
      told.textContent = form.dataset.failed
      button.disabled = false
    }
  })
}`

const policy =
  "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

const style =
  'body{font:16px/1.5 sans-serif;max-width:30rem;margin:3rem auto;padding:0 1rem}label,input,button,output{display:block;margin:.5rem 0}input{width:100%;box-sizing:border-box}input,button{font:inherit;padding:.5rem}'

type Say = (sentence: string) => string

const field = (say: Say, name: string, label: string, attributes: string): string =>
  `<label>${say(label)}<input name="${name}" ${attributes} required></label>`

const undoForm = (say: Say): string => `<h1>${say('Take the change of your e-mail back')}</h1>
<p>${say('You will be signed out everywhere. Choose a new password afterwards.')}</p>
<form data-post="/api/v1/auth/email-change/undo/" data-failed="${say('The server cannot be reached')}">
<input type="hidden" name="token"><button>${say('Undo the change')}</button><output></output></form>`

const resetForms = (say: Say): string => `<h1>${say('Set a new password')}</h1>
<form data-post="/api/v1/auth/password-reset/request/" data-failed="${say('The server cannot be reached')}">
${field(say, 'email', 'E-mail', 'type="email" autocomplete="email"')}
<button>${say('Send a code')}</button><output></output></form>
<form hidden data-post="/api/v1/auth/password-reset/confirm/" data-failed="${say('The server cannot be reached')}">
<input type="hidden" name="email">
${field(say, 'code', 'Code', 'inputmode="numeric" autocomplete="one-time-code"')}
${field(say, 'new_password', 'New password', 'type="password" autocomplete="new-password" minlength="8"')}
<button>${say('Set a new password')}</button><output></output></form>`

const page = (locale: Locale, body: (say: Say) => string): string => `<!doctype html>
<html lang="${locale}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Banister</title><style>${style}</style></head>
<body>${body((sentence) => translate(locale, sentence))}<script src="/account/page.js"></script></body></html>`

/** The two pages that our mails lead to where no application opens their links. Opening one changes nothing: that takes the button, which posts (SPEC section 3). */
export function accountPages(app: FastifyInstance): void {
  for (const [path, body] of [
    ['/account/email-change/undo', undoForm],
    ['/account/password-reset', resetForms],
  ] as const) {
    app.get(path, async (request, reply) =>
      reply
        .type('text/html; charset=utf-8')
        .header('content-security-policy', policy)
        .header('cache-control', 'no-store')
        .send(page(contextOf(request).locale, body)),
    )
  }
  app.get('/account/page.js', async (_request, reply) => reply.type('text/javascript; charset=utf-8').send(script))
}
