import { form, pdf } from '../../platform/files/samples.fixture.ts'
import type { Answer, House, Person } from '../../../test/support.ts'

export const path = '/api/v1/documents/'

/** How a test handles documents. */
export function documentsOf(house: House) {
  const { call } = house
  const upload = (who: Person, fields: Record<string, string> = {}, bytes = pdf(), last = false): Promise<Answer> =>
    call('POST', path, {
      token: who.token,
      ...form(bytes, { fields: { title: 'Passport', type: 'identity', ...fields }, name: 'passport.pdf', last }),
    })
  const put = (who: Person, id: number, json: object, headers = {}) =>
    call('PUT', `${path}${id}/`, { token: who.token, json, headers })
  const get = (who: Person, id: number) => call('GET', `${path}${id}/`, { token: who.token })
  const uploaded = async (who: Person, fields: Record<string, string> = {}): Promise<number> => {
    const answer = await upload(who, fields)
    if (answer.status !== 201) throw new Error(answer.text)
    return answer.body['data'].id
  }
  /** An administrator who may review. */
  const reviewer = async (): Promise<Person> => {
    const person = await house.person('management')
    const boss = await house.person('super_admin')
    const json = { admin_user_id: person.id, permissions: ['document_management'] }
    const granted = await call('POST', '/api/v1/auth/admin/permissions/grant/', { token: boss.token, json })
    if (granted.status !== 200) throw new Error(granted.text)
    return person
  }
  const isVerified = async (id: number): Promise<boolean> =>
    (await call('GET', `/api/v1/public/providers/${id}/`)).body['data'].is_verified
  const told = async (who: Person): Promise<string[]> =>
    (await call('GET', '/api/v1/notifications/', { token: who.token })).body['data'].results.map(
      ({ kind }: { kind: string }) => kind,
    )
  return { upload, put, get, uploaded, reviewer, isVerified, told }
}
