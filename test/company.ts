import type { Answer, House, Person } from './support.ts'

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** Calls the API as somebody. */
export const askerOf =
  (house: House) =>
  (method: Method, path: string, { token }: Person, json?: object): Promise<Answer> =>
    house.call(method, `/api/v1/${path}`, { token, ...(json ? { json } : {}) })

/** Founds an organization and answers its id. */
export async function found(house: House, founder: Person, name: string): Promise<string> {
  const made = await askerOf(house)('POST', 'organizations/', founder, { name })
  if (made.status !== 201) throw new Error(made.text)
  return made.body['data'].id
}

/** Makes a person a member, by an invitation that they accept. */
export async function join(
  house: House,
  organizationId: string,
  admin: Person,
  role: 'admin' | 'it' | 'employee',
  extra: object = {},
  known?: Person,
): Promise<Person> {
  const ask = askerOf(house)
  const person = known ?? (await house.person('customer', extra))
  const invited = await ask('POST', `organizations/${organizationId}/invitations/`, admin, {
    email: person.email,
    role,
  })
  if (invited.status !== 201) throw new Error(invited.text)
  const { db } = house.ctx()
  // With a confirmed e-mail an invitation needs no mail.
  await db.updateTable('users').set({ email_confirmed_at: house.ctx().now }).where('id', '=', person.id).execute()
  const accepted = await ask('POST', 'organizations/invitations/accept/', person, {
    invitation_id: invited.body['data'].id,
  })
  if (accepted.status !== 200) throw new Error(accepted.text)
  return person
}

/** A refusal in short: `404 NOT_FOUND`. */
export const refusal = ({ status, body }: Answer): string => `${status} ${body['error']?.error_number}`
