import type { FastifyInstance } from 'fastify'
import { answerOutput, askingScript, signInFields } from '../../../platform/http/mail-page.ts'
import { addPlainPages, field, type Say } from '../../../platform/http/plain-page.ts'

const signIn = (say: Say): string =>
  `<form data-do="sign-in" hidden>${signInFields(say)}<button>${say('Sign in')}</button></form>`

const words = (say: Say, label: string): string =>
  `<label>${say(label)}<textarea name="text" rows="6" maxlength="2000" style="width:100%;box-sizing:border-box;font:inherit"></textarea></label>`

const writePage = (say: Say): string => `<h1>${say('How was it?')}</h1>${signIn(say)}
<section hidden><form data-do="write">${field(say, 'rating', 'Stars, 1 to 5', 'type="number" min="1" max="5" step="1"')}
${words(say, 'In your words')}<button>${say('Send the review')}</button></form></section>${answerOutput(say)}`

const readPage = (say: Say): string => `<h1>${say('Review')}</h1>${signIn(say)}
<section hidden><p data-service></p><p data-stars></p><p data-text></p><p data-answer></p>
<form data-do="answer" hidden>${words(say, 'Your answer')}<button>${say('Answer')}</button></form></section>${answerOutput(say)}`

/** Writes a review by the token of a guest or after signing in, and shows one to its two sides. What people wrote is set as text only. */
const script = `${askingScript}const asked = new URLSearchParams(location.search)
const token = asked.get('token')
const booking = /^[1-9][0-9]*$/.exec(asked.get('booking') ?? '')?.[0]
const id = /\\/reviews\\/(\\d+)\\/?$/.exec(location.pathname)?.[1]
const part = document.querySelector('section')
const show = (review) => {
  if (!review) return
  part.hidden = false
  part.querySelector('[data-service]').textContent = review.service.title + ' · ' + review.provider.name
  part.querySelector('[data-stars]').textContent = '★'.repeat(review.rating)
  part.querySelector('[data-text]').textContent = review.text
  part.querySelector('[data-answer]').textContent = review.answer?.text ?? ''
  part.querySelector('form').hidden = review.answer !== null || review.is_hidden
}
const acts = {
  'sign-in': async (form) => {
    if (!(await signIn(form))) return
    if (id) show(await ask('GET', '/reviews/' + id + '/'))
    else part.hidden = false
  },
  write: async (form) => {
    const path = token === null ? '/bookings/' + booking + '/review/' : '/public/bookings/' + encodeURIComponent(token) + '/review/'
    const rating = Number(form.elements.rating.value)
    if (await ask('POST', path, { rating, text: form.elements.text.value })) form.hidden = true
  },
  answer: async (form) => show(await ask('POST', '/reviews/' + id + '/answer/', { text: form.elements.text.value })),
}
listen(acts)
if (token === null) document.querySelector('[data-do="sign-in"]').hidden = false
else part.hidden = false`

/** The pages that the mails about reviews lead to; opening one changes nothing. */
export function reviewPages(app: FastifyInstance): void {
  addPlainPages(
    app,
    { '/reviews/write/': writePage, '/reviews/:id(^\\d+$)/': readPage },
    { path: '/reviews/page.js', text: script },
  )
}
