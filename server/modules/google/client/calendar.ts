import type { calendar_v3, MethodOptions } from '@googleapis/calendar'
import { createCircuit, type Circuit } from '../../../platform/circuit.ts'
import type { House } from '../../../platform/house.ts'
import { readCredentials } from '../../../platform/push/credentials.ts'
import { ConsentGone, failureOf, GoogleFailed, GoogleRefused, told } from './errors.ts'
import { refreshToken } from './oauth.ts'

export type GoogleEvent = calendar_v3.Schema$Event
export type EventsPage = calendar_v3.Schema$Events
export type ListParams = Pick<
  calendar_v3.Params$Resource$Events$List,
  'pageToken' | 'syncToken' | 'timeMin' | 'timeMax' | 'maxResults' | 'maxAttendees' | 'fields'
>
export type Channel = calendar_v3.Schema$Channel

/** In whose name Google is asked: the platform's service account, or a person who consented. */
export type Asking = 'platform' | { connectionId: number; consent: number; refreshToken: string }

/** The Calendar API v3 as far as it is needed. Errors of all: GoogleRefused, GoogleFailed, CircuitOpen; of persons also ConsentGone. */
export interface CalendarProvider {
  /** 409 where an event with this id stands, or stood, in the calendar. Nobody is mailed by Google: our own mails go to whom they concern. */
  insert: (who: Asking, calendarId: string, event: GoogleEvent) => Promise<GoogleEvent>
  patch: (who: Asking, calendarId: string, eventId: string, event: GoogleEvent) => Promise<GoogleEvent>
  get: (who: Asking, calendarId: string, eventId: string) => Promise<GoogleEvent>
  remove: (who: Asking, calendarId: string, eventId: string) => Promise<void>
  /** One page of single events, of a span or since a sync token; 410 where the token is too old. */
  list: (who: Asking, calendarId: string, params: ListParams) => Promise<EventsPage>
  watch: (who: Asking, calendarId: string, channel: Channel) => Promise<Channel>
  stop: (who: Asking, channel: Channel) => Promise<void>
  /** What was learnt of a person's access is forgotten. */
  forget: (connectionId: number) => void
  circuit: Circuit
}

const scopes = ['https://www.googleapis.com/auth/calendar.events']

/** Google's calendar, asked by its own library. Repeating is our queue's: it waits longer each time and is not forgotten in a crash. */
export function createCalendarProvider(house: House, timeoutMs = 10_000): CalendarProvider {
  const { config, clock } = house
  // Loaded with the first question: the library is large, and most houses know no Google.
  const api = async () =>
    (await import('@googleapis/calendar')).calendar({ version: 'v3', rootUrl: config.GOOGLE_API_BASE })
  let opened: ReturnType<typeof api> | undefined
  const circuit = createCircuit({
    name: 'google',
    now: clock,
    isFailure: (error) => error instanceof GoogleFailed && error.ill,
  })
  const platform = config.GOOGLE_SERVICE_ACCOUNT_FILE === null ? null : platformAccess(house, timeoutMs)
  const people = new Map<number, { consent: number; token: string; until: Temporal.Instant }>()

  const refreshOf = async (who: Exclude<Asking, 'platform'>) => {
    try {
      return await refreshToken(config, who.refreshToken)
    } catch (error) {
      throw error instanceof ConsentGone
        ? new ConsentGone({ connectionId: who.connectionId, consent: who.consent })
        : error
    }
  }
  const tokenOf = async (who: Asking): Promise<string> => {
    if (who === 'platform') {
      if (!platform) throw new GoogleFailed('there is no service account', false)
      return platform.token()
    }
    const known = people.get(who.connectionId)
    if (known?.consent === who.consent && Temporal.Instant.compare(clock(), known.until) < 0) return known.token
    const { access, expiresIn } = await refreshOf(who)
    if (people.size > 10_000) people.clear()
    people.set(who.connectionId, {
      consent: who.consent,
      token: access,
      until: clock().add({ seconds: Math.max(0, expiresIn - 60) }),
    })
    return access
  }
  const forgetToken = (who: Asking): void => {
    if (who === 'platform') platform?.forget()
    else people.delete(who.connectionId)
  }

  const once = async <T>(who: Asking, work: Work<T>): Promise<T> => {
    const authorization = `Bearer ${await tokenOf(who)}`
    try {
      const options = { headers: { authorization }, retry: false, signal: AbortSignal.timeout(timeoutMs) }
      return (await work(await (opened ??= api()), options)).data
    } catch (error) {
      throw failureIn(error)
    }
  }
  const call = <T>(who: Asking, work: Work<T>): Promise<T> =>
    circuit.run(async () => {
      try {
        return await once(who, work)
      } catch (error) {
        if (!(error instanceof GoogleRefused && error.status === 401)) throw error
        // A token that was withdrawn before its time: another one is asked for, once.
        forgetToken(who)
        return once(who, work)
      }
    })

  return {
    insert: (who, calendarId, requestBody) =>
      call(who, (google, options) =>
        google.events.insert({ calendarId, requestBody, sendUpdates: 'none', ...conferenceOf(requestBody) }, options),
      ),
    patch: (who, calendarId, eventId, requestBody) =>
      call(who, (google, options) =>
        google.events.patch(
          { calendarId, eventId, requestBody, sendUpdates: 'none', ...conferenceOf(requestBody) },
          options,
        ),
      ),
    get: (who, calendarId, eventId) =>
      call(who, (google, options) => google.events.get({ calendarId, eventId }, options)),
    remove: async (who, calendarId, eventId) => {
      await call(who, (google, options) => google.events.delete({ calendarId, eventId, sendUpdates: 'none' }, options))
    },
    list: (who, calendarId, params) =>
      call(who, (google, options) => google.events.list({ calendarId, singleEvents: true, ...params }, options)),
    watch: (who, calendarId, requestBody) =>
      call(who, (google, options) => google.events.watch({ calendarId, singleEvents: true, requestBody }, options)),
    stop: async (who, requestBody) => {
      await call(who, (google, options) => google.channels.stop({ requestBody }, options))
    },
    forget: (connectionId) => people.delete(connectionId),
    circuit,
  }
}

type Work<T> = (google: calendar_v3.Calendar, options: MethodOptions) => Promise<{ data: T }>

/** Without it Google leaves conferences as they are. */
const conferenceOf = (event: GoogleEvent): { conferenceDataVersion?: number } =>
  event.conferenceData ? { conferenceDataVersion: 1 } : {}

/** The access tokens of the service account, in the name of GOOGLE_SERVICE_ACCOUNT_SUBJECT where that is set. */
function platformAccess({ config }: House, timeoutMs: number): { token: () => Promise<string>; forget: () => void } {
  const credentials = readCredentials(config.GOOGLE_SERVICE_ACCOUNT_FILE!)
  const signIn = async () => {
    const { signInAccount } = await import('../../../platform/service-account.ts')
    return signInAccount(credentials, { scopes, subject: config.GOOGLE_SERVICE_ACCOUNT_SUBJECT, timeoutMs })
  }
  let client: ReturnType<typeof signIn> | undefined
  return {
    token: async () => {
      try {
        const { token } = await (await (client ??= signIn())).getAccessToken()
        if (token) return token
      } catch (error) {
        // A wrong key or a delegation that is missing says nothing of Google: people's own calendars go on.
        const failure = failureIn(error)
        throw new GoogleFailed(`no access token: ${failure.message}`, failure instanceof GoogleFailed && failure.ill)
      }
      throw new GoogleFailed('no access token: the answer has none')
    },
    forget: () => {
      client = undefined
    },
  }
}

/** An error of the library in our own words. */
function failureIn(error: unknown): Error {
  const response = error instanceof Error && 'response' in error ? error.response : null
  if (typeof response === 'object' && response !== null && 'status' in response) {
    const body: unknown = 'data' in response ? response.data : null
    return failureOf(Number(response.status), typeof body === 'string' ? parsed(body) : body)
  }
  return new GoogleFailed(`no answer: ${told(error)}`)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
