import type { House, Person } from '../../../test/support.ts'

/** What somebody finds in the mailbox once every job is done. */
export function mailboxOf({ drain, mails, person }: Pick<House, 'drain' | 'mails' | 'person'>) {
  const newest = async (email: string) => {
    await drain()
    return (await mails(email))[0] ?? { subject: '', text: '', html: '' }
  }
  return {
    newest,
    /** Somebody who has the first mail already: of two that are sent at once, neither is the newest. */
    newcomer: async (role?: 'customer' | 'provider'): Promise<Person> => {
      const someone = await person(role)
      await drain()
      return someone
    },
    subjects: async (email: string): Promise<string[]> => {
      await drain()
      return (await mails(email)).map(({ subject }) => subject)
    },
    /** The code of the newest mail. */
    codeTo: async (email: string): Promise<string> => /\b\d{6}\b/.exec((await newest(email)).text)?.[0] ?? 'none',
    /** The link of the newest mail, without the address of the server. */
    linkTo: async (email: string): Promise<string> =>
      /https?:\/\/[^/\s]+(\S*)/.exec((await newest(email)).text)?.[1] ?? '/no-link',
  }
}

/** Another six digits than these. */
export const wrong = (code: string): string => (code === '000000' ? '000001' : '000000')
