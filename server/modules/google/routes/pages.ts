import type { FastifyInstance } from 'fastify'
import { answerOutput, askingScript, signInFields } from '../../../platform/http/mail-page.ts'
import { addPlainPages, type Say } from '../../../platform/http/plain-page.ts'

const callbackPage = (say: Say): string => `<h1>${say('Connect your Google calendar')}</h1>
<form data-do="connect">${signInFields(say)}
<button>${say('Sign in and connect')}</button></form>
<p hidden>${say('Google was not allowed to show your calendar. Nothing was connected.')}</p>
${answerOutput(say)}`

/** Ends the consent in the name of who signs in here, so that nobody's calendar comes to another's account by a link. */
const script = `${askingScript}const given = new URLSearchParams(location.search)
const refused = given.has('error') || !given.has('code')
document.forms[0].hidden = refused
document.querySelector('p').hidden = !refused
history.replaceState(null, '', location.pathname)
listen({
  connect: async (form) => {
    if (!access && !(await signIn(form))) return
    await ask('POST', '/google/callback/', { code: given.get('code'), state: given.get('state') ?? '-' })
  },
})`

/** Where Google sends people back to. */
export function connectionPages(app: FastifyInstance): void {
  addPlainPages(app, { '/google/callback/': callbackPage }, { path: '/google/page.js', text: script })
}
