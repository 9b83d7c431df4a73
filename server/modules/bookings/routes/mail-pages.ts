import type { FastifyInstance } from 'fastify'
import { answerOutput, askingScript, signInFields } from '../../../platform/http/mail-page.ts'
import { addPlainPages, field, type Say } from '../../../platform/http/plain-page.ts'

const shown = (say: Say): string => `<section hidden><p data-title></p><p data-when></p><p data-status></p>
<form data-do="cancel"><button>${say('Cancel the booking')}</button></form>
<form data-do="move">${field(say, 'date', 'Another time', 'type="datetime-local" step="60"')}<button>${say('Move the booking')}</button></form></section>
${answerOutput(say)}`

const guestPage = (say: Say): string => `<h1>${say('Your booking')}</h1>${shown(say)}
<section hidden data-series><p data-title></p><p data-rule></p><ol></ol>
<template><li><span></span> <a>${say('See, move or cancel the booking')}</a> <button>${say('Cancel this and all after it')}</button></li></template>
<button>${say('Cancel all bookings')}</button></section>`

const buyerPage = (say: Say): string => `<h1>${say('Your booking')}</h1>
<form data-do="sign-in">${signInFields(say)}
<button>${say('Sign in')}</button></form>${shown(say)}`

/** Shows a booking, of a guest by the token of the link, of an account after signing in; a change takes a button. What people wrote is set as text only. */
const script = `${askingScript}const token = new URLSearchParams(location.search).get('token')
const id = /\\/bookings\\/(\\d+)\\/?$/.exec(location.pathname)?.[1]
const series = new URLSearchParams(location.search).get('series')
const all = '/public/bookings/series/' + encodeURIComponent(series ?? '-') + '/'
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
const showAll = (found) => {
  if (!found) return
  const part = document.querySelector('[data-series]')
  part.hidden = false
  part.querySelector('[data-title]').textContent = found.service.title
  part.querySelector('[data-rule]').textContent = found.description
  part.querySelector('ol').replaceChildren(...found.bookings.map((booking) => {
    const line = part.querySelector('template').content.cloneNode(true)
    const when = new Date(booking.date).toLocaleString(document.documentElement.lang)
    line.querySelector('span').textContent = when + ' · ' + booking.provider.name + ' · ' + booking.status
    line.querySelector('a').href = '/bookings/manage/?token=' + encodeURIComponent(booking.token)
    const button = line.querySelector('button')
    button.disabled = !booking.can_change
    button.onclick = () => run(async () => showAll(await ask('POST', all + 'cancel/', { booking_id: booking.id, scope: 'this_and_following' })))
    return line
  }))
  const button = part.querySelector(':scope > button')
  button.disabled = !found.can_change
  button.onclick = () => run(async () => showAll(await ask('POST', all + 'cancel/', {})))
}
const acts = {
  'sign-in': async (form) => {
    if (await signIn(form)) show(await ask('GET', root()))
  },
  cancel: async () => show(id ? await ask('DELETE', root(), {}) : await ask('POST', root() + 'cancel/', {})),
  move: async (form) => {
    const date = new Date(form.elements.date.value).toISOString()
    show(id ? await ask('PUT', root(), { date }) : await ask('POST', root() + 'reschedule/', { date }))
  },
}
listen(acts)
if (series) run(async () => showAll(await ask('GET', all)))
else if (!id) run(async () => show(await ask('GET', root())))`

/** The pages that the mails about bookings lead to: a guest's by its manage-link, a buyer's by its id. */
export function bookingPages(app: FastifyInstance): void {
  addPlainPages(
    app,
    { '/bookings/manage/': guestPage, '/bookings/:id(^\\d+$)/': buyerPage },
    { path: '/bookings/page.js', text: script },
  )
}
