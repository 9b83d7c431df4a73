import { field, type Say } from './plain-page.ts'

/** What the pages that mails lead to have in common: they ask the API, after signing in where that takes an account. */

/** The fields of a form that signs in. */
export const signInFields = (say: Say): string => `${field(say, 'email', 'E-mail', 'type="email" autocomplete="email"')}
${field(say, 'password', 'Password', 'type="password" autocomplete="current-password"')}`

/** Where such a page tells what the API has answered. */
export const answerOutput = (say: Say): string =>
  `<output data-failed="${say('The server cannot be reached')}"></output>`

/**
 * The beginning of such a page's script. `ask` answers the data or, having told why not, null; `signIn` answers whether it did, and later asks are the account's;
 * `run` tells when the server cannot be reached; `listen` does what a form names in `data-do` when it is sent. What people wrote is set as text only.
 */
export const askingScript = `const told = document.querySelector('output')
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
const signIn = async (form) => {
  const signedIn = await ask('POST', '/auth/login/', { email: form.elements.email.value, password: form.elements.password.value })
  if (!signedIn) return false
  access = signedIn.access
  form.hidden = true
  return true
}
const run = async (work) => {
  try {
    await work()
  } catch {
    told.textContent = told.dataset.failed
  }
}
const listen = (acts) => {
  for (const form of document.forms) {
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      run(() => acts[form.dataset.do](form))
    })
  }
}
`
