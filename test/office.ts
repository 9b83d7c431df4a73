import { openHouse, type Answer, type House, type Person } from './support.ts'

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'
export type Office = {
  house: House
  ask: (method: Method, path: string, who: Person, json?: object, headers?: Record<string, string>) => Promise<Answer>
  hire: (role: string, extra?: object) => Promise<Person>
  /** Opens a ticket and answers what was made. */
  open: (who: Person, fields?: object) => Promise<Answer['body']>
  /** Signs in anew, once the clock has moved past the life of a token. */
  back: (who: Person) => Promise<Person>
  told: (who: Person) => Promise<string[]>
  id: string
  boss: Person
}

/** An organization with its admin, in a house of its own. */
export async function openOffice(): Promise<Office> {
  const house = await openHouse()
  const ask: Office['ask'] = (method, path, { token }, json, headers = {}) =>
    house.call(method, `/api/v1/${path}`, { token, headers, ...(json ? { json } : {}) })
  const boss = await house.person('customer', { first_name: 'Olha', last_name: 'Chief' })
  const id: string = (await ask('POST', 'organizations/', boss, { name: 'Office' })).body['data'].id
  const hire: Office['hire'] = async (role, extra = {}) => {
    const person = await house.person('customer', extra)
    const { db, now } = house.ctx()
    // With a confirmed e-mail an invitation needs no mail.
    await db.updateTable('users').set({ email_confirmed_at: now }).where('id', '=', person.id).execute()
    const invited = await ask('POST', `organizations/${id}/invitations/`, boss, { email: person.email, role })
    const invitation_id = invited.body['data'].id
    const accepted = await ask('POST', 'organizations/invitations/accept/', person, { invitation_id })
    if (accepted.status !== 200) throw new Error(accepted.text)
    return person
  }
  const open: Office['open'] = async (who, fields = {}) => {
    const made = await ask('POST', 'tickets/', who, { title: 'The lamp is dark', ...fields })
    if (made.status !== 201) throw new Error(made.text)
    return made.body['data']
  }
  const back: Office['back'] = async (who) => {
    const json = { email: who.email, password: who.password }
    const signedIn = await house.call('POST', '/api/v1/auth/login/', { json })
    return { ...who, token: signedIn.body['data'].access }
  }
  const told: Office['told'] = async (who) => {
    const answer = await ask('GET', 'notifications/?page_size=100', await back(who))
    return answer.body['data'].results
      .map(({ kind, body }: { kind: string; body: string }) => `${kind}: ${body}`)
      .filter((line: string) => line.startsWith('ticket_'))
      .toReversed()
  }
  return { house, ask, hire, open, back, told, id, boss }
}

export const refusal = ({ status, body }: Answer): string => `${status} ${body['error']?.error_number}`
export const ruleOf = ({ status, body }: Answer): string =>
  `${status} ${body['error'].details?.[0]?.field} ${body['error'].details?.[0]?.rule}`
