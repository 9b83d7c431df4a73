import { generateSync } from 'otplib'
import type { Answer, House, Person } from './support.ts'

/** Somebody with an authenticator. */
export type Guarded = Person & { secret: string; recoveryCodes: string[] }

/** People with a second factor, and what they do with it. */
export function secondFactorOf({ call, pass, drain, house }: Pick<House, 'call' | 'pass' | 'drain' | 'house'>) {
  /** What the authenticator shows, or showed or will show so many seconds from now. */
  const codeOf = (secret: string, seconds = 0): string =>
    generateSync({ secret, epoch: Math.floor(house.clock().epochMilliseconds / 1000) + seconds })
  const begin = (token: string, json: object = {}): Promise<Answer> =>
    call('POST', '/api/v1/auth/two-factor/', { token, json })
  const confirm = (token: string, code: string): Promise<Answer> =>
    call('POST', '/api/v1/auth/two-factor/confirm/', { token, json: { code } })
  return {
    codeOf,
    begin,
    confirm,
    /** Sets the second factor up, and waits until the code of that is over. */
    guard: async (person: Person): Promise<Guarded> => {
      const { secret } = (await begin(person.token, { password: person.password })).body['data']
      const confirmed = await confirm(person.token, codeOf(secret))
      if (confirmed.status !== 200) throw new Error(`confirming: ${confirmed.text}`)
      // Of two mails that are sent at once neither is the newest.
      await drain()
      pass({ seconds: 60 })
      return { ...person, secret, recoveryCodes: confirmed.body['data'].recovery_codes }
    },
    signIn: (person: Person, door = ''): Promise<Answer> =>
      call('POST', `/api/v1/auth/login/${door}`, { json: { email: person.email, password: person.password } }),
    complete: (challenge: string, json: object, address?: string): Promise<Answer> =>
      call('POST', '/api/v1/auth/login/two-factor/', { json: { challenge, ...json }, ...(address ? { address } : {}) }),
  }
}

/** The code of a refusal and the rule in its details. */
export const refusal = ({ status, body }: Answer): unknown[] => [
  status,
  body['error']?.error_number,
  body['error']?.details?.[0]?.rule,
]
