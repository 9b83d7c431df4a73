import type { FastifyInstance } from 'fastify'
import { addPlainPages, field, type Say } from '../../../platform/http/plain-page.ts'

const shown = (say: Say): string => `<section hidden><p data-title></p><p data-when></p><p data-status></p>
<form data-do="cancel"><button>${say('Cancel the booking')}</button></form>
<form data-do="move">${field(say, 'date', 'Another time', 'type="datetime-local" step="60"')}<button>${say('Move the booking')}</button></form></section>
<output data-failed="${say('The server cannot be reached')}"></output>`

const guestPage = (say: Say): string => `<h1>${say('Your booking')}</h1>${shown(say)}`

const buyerPage = (say: Say): string => `<h1>${say('Your booking')}</h1>
<form data-do="sign-in">${field(say, 'email', 'E-mail', 'type="email" autocomplete="email"')}
${field(say, 'password', 'Password', 'type="password" autocomplete="current-password"')}
<button>${say('Sign in')}</button></form>${shown(say)}`

/** Shows a booking, of a guest by the token of the link, of an account after signing in; a change takes a button. What people wrote is set as text only. */
const script = `const token = new URLSearchParams(location.search).get('token')
const id = /\\/bookings\\/(\\d+)\\/?$/.exec(location.pathname)?.[1]
const told = document.querySelector('output')
let access
const ask = async (method, path, json) => {
  const headers = { 'accept-language': document.documentElement.lang }
  if (json) headers['content-type'] = 'application/json'
  if (access) headers.authorization = 'Bearer ' + access
  const answer = await fetch('/api/v1' + path, { method, headers, body: json && JSON.stringify(json) })
  const { message, data, error } = await answer.json()
  told.textContent = answer.ok ? (method === 'GET' ? '' : message) : (error.details?.[0]?.message ?? error.error_message)
  return answer.ok ? data : null
}
const root = () => (id ? '/bookings/' + id + '/' : '/public/bookings/' + encodeURIComponent(token ?? '-') + '/')
const show = (booking) => {
  if (!booking) return
  const part = document.querySelector('section')
  part.hidden = false
  part.querySelector('[data-title]').textContent = booking.service.title + ' · ' + booking.provider.name
  part.querySelector('[data-when]').textContent = new Date(booking.date).toLocaleString(document.documentElement.lang)
  part.querySelector('[data-status]').textContent = booking.status
  const over = booking.status !== 'pending' && booking.status !== 'confirmed'
  for (const button of part.querySelectorAll('button')) button.disabled = over
}
const acts = {
  'sign-in': async (form) => {
    const signedIn = await ask('POST', '/auth/login/', { email: form.elements.email.value, password: form.elements.password.value })
    if (!signedIn) return
    access = signedIn.access
    form.hidden = true
    show(await ask('GET', root()))
  },
  cancel: async () => show(id ? await ask('DELETE', root(), {}) : await ask('POST', root() + 'cancel/', {})),
  move: async (form) => {
    const date = new Date(form.elements.date.value).toISOString()
    show(id ? await ask('PUT', root(), { date }) : await ask('POST', root() + 'reschedule/', { date }))
  },
}
const run = async (work) => {
  try {
    await work()
  } catch {
    told.textContent = told.dataset.failed
  }
}
for (const form of document.forms) {
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    run(() => acts[form.dataset.do](form))
  })
}
if (!id) run(async () => show(await ask('GET', root())))`

/** The pages that the mails about bookings lead to: a guest's by its manage-link, a buyer's by its id. */
export function bookingPages(app: FastifyInstance): void {
  addPlainPages(
    app,
    { '/bookings/manage/': guestPage, '/bookings/:id(^\\d+$)/': buyerPage },
    { path: '/bookings/page.js', text: script },
  )
}
