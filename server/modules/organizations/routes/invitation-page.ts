import type { FastifyInstance } from 'fastify'
import { signInFields } from '../../../platform/http/mail-page.ts'
import { addPlainPages, type Say } from '../../../platform/http/plain-page.ts'

const acceptForm = (say: Say): string => `<h1>${say('Accept the invitation')}</h1>
<p>${say('Sign in with the e-mail that was invited.')}</p>
<form data-failed="${say('The server cannot be reached')}">
${signInFields(say)}
<button>${say('Accept')}</button><output></output></form>`

/** Signs in, accepts with the token of the link, and signs out again: the page keeps nothing. */
const script = `const form = document.forms[0]
const told = form.querySelector('output')
const ask = async (path, json, access) => {
  const headers = { 'content-type': 'application/json', 'accept-language': document.documentElement.lang }
  if (access) headers.authorization = 'Bearer ' + access
  const answer = await fetch('/api/v1' + path, { method: 'POST', headers, body: JSON.stringify(json) })
  const { message, data, error } = await answer.json()
  return { ok: answer.ok, data, words: message ?? error.details?.[0]?.message ?? error.error_message }
}
form.addEventListener('submit', async (event) => {
  event.preventDefault()
  const button = form.querySelector('button')
  button.disabled = true
  try {
    const signedIn = await ask('/auth/login/', { email: form.elements.email.value, password: form.elements.password.value })
    told.textContent = signedIn.words
    button.disabled = signedIn.ok
    if (!signedIn.ok) return
    const accepted = await ask('/organizations/invitations/accept/', { token: new URLSearchParams(location.search).get('token') ?? '' }, signedIn.data.access)
    told.textContent = accepted.words
    await ask('/auth/logout/', {}, signedIn.data.access)
  } catch {
    told.textContent = form.dataset.failed
    button.disabled = false
  }
})`

/** The page that an invitation's mail leads to. */
export function invitationPage(app: FastifyInstance): void {
  addPlainPages(app, { '/invitations/': acceptForm }, { path: '/invitations/page.js', text: script })
}
