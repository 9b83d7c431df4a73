import type { FastifyInstance } from 'fastify'
import { addPlainPages, field, type Say } from '../../../platform/http/plain-page.ts'

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

/** The two pages that the mails of accounts lead to. */
export function accountPages(app: FastifyInstance): void {
  addPlainPages(
    app,
    { '/account/email-change/undo': undoForm, '/account/password-reset': resetForms },
    { path: '/account/page.js', text: script },
  )
}
