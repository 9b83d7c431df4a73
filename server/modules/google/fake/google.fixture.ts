import type { IncomingMessage, ServerResponse } from 'node:http'
import { FakeGoogleServer, json, refuse } from '../../../../test/google.ts'
import { FakeConsent } from './consent.fixture.ts'
import { methodOf, requestProblem } from './spec.fixture.ts'

/** A Google Calendar on loopback: signs in service accounts and people, checks every request against Google's description, and answers what the test wants. */

export type Json = Record<string, any> // eslint-disable-line typescript/no-explicit-any -- an event, as Google keeps it
export type Wanted = { status?: number; reason?: string; hang?: true }
type Calendar = { events: Map<string, Json>; seq: number }
type Opened = { account: string; calendarId: string; address: string; token: string; resourceId: string }

const keyOf = (account: string, id: string): string => (id === 'primary' ? account : `${account} ${id}`)

export class FakeGoogle extends FakeGoogleServer {
  readonly consents = new FakeConsent()
  readonly calendars = new Map<string, Calendar>()
  readonly channels = new Map<string, Opened>()
  readonly stopped: string[] = []
  /** Every call as `events.insert`, in order. */
  readonly calls: string[] = []
  /** What lists of events were asked for, in order. */
  readonly asked: Record<string, string>[] = []
  /** What everybody is answered; null as it should be. */
  mood: Wanted | null = null
  /** The token endpoint hangs or fails too. */
  tokenMood: Wanted | null = null
  /** So many calls are done, and their answers lost. */
  loses = 0
  /** Sync tokens from before are too old: 410; or no tokens at all: 400. */
  forgets: boolean | 400 = false
  /** Conferences are ready only after so many looks. */
  pendingLooks = 0
  /** As Google is to a service account without delegation. */
  forbids = { attendees: false, conferences: false }
  pageSize = 2500
  /** The next answer waits for this, as it was when it was asked for. */
  held: Promise<void> | null = null
  /** The same of the next answer of the token endpoint. */
  tokenHeld: Promise<void> | null = null
  /** What the token endpoint says otherwise than it should. */
  tokenOdd: Json = {}
  /** What lists of events say otherwise than they should. */
  listOdd: Json = {}
  readonly conferences = new Map<string, string>()

  constructor() {
    super('bookings')
  }

  /** Settings of a house with a service account, and of one in which people connect their own calendars. */
  get account(): Record<string, string> {
    return { GOOGLE_SERVICE_ACCOUNT_FILE: this.credentialsFile, GOOGLE_API_BASE: this.base }
  }
  get oauth(): Record<string, string> {
    return {
      GOOGLE_CLIENT_ID: 'client-1',
      GOOGLE_CLIENT_SECRET: 'secret-1',
      GOOGLE_OAUTH_BASE: this.base,
      GOOGLE_API_BASE: this.base,
      PUBLIC_URL: 'https://book.example.com',
    }
  }

  calendar(account: string, id = 'primary'): Calendar {
    return this.calendars.getOrInsertComputed(keyOf(account, id), () => ({ events: new Map<string, Json>(), seq: 0 }))
  }
  /** What stands in a calendar, the deleted ones left out. */
  standing(account: string, id = 'primary'): Json[] {
    return [...this.calendar(account, id).events.values()].filter(({ status }) => status !== 'cancelled')
  }
  /** Somebody changes their calendar in Google. */
  put(account: string, event: Json): void {
    const calendar = this.calendar(account)
    const before = calendar.events.get(event['id']) ?? { status: 'confirmed' }
    calendar.events.set(event['id'], { ...before, ...event, seq: ++calendar.seq })
  }
  count(call: string): number {
    return this.calls.filter((one) => one === call).length
  }

  protected async answer(request: IncomingMessage, bytes: Buffer, response: ServerResponse): Promise<void> {
    const text = bytes.toString('utf8')
    const url = new URL(request.url ?? '', this.base)
    if (url.pathname === '/token' || url.pathname === '/revoke') return this.#oauth(url.pathname, text, response)
    const method = methodOf(request.method ?? '', url.pathname.replace(/^\/calendar\/v3\//, ''))
    this.calls.push(method?.id ?? `${request.method} ${url.pathname}`)
    const account = this.consents.access.get(/^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '')
    if (account === undefined) return refuse(response, 401, 'authError')
    if (this.mood)
      return this.mood.hang ? undefined : refuse(response, this.mood.status ?? 500, this.mood.reason ?? 'backendError')
    const body = text === '' ? undefined : (JSON.parse(text) as Json)
    const problem = method ? requestProblem(method.id, url.searchParams, body) : 'no such path'
    if (!method || problem !== null) {
      this.problems.push(problem ?? '')
      return refuse(response, 400, 'invalid', problem ?? '')
    }
    const [calendarId = '', eventId = ''] = method.params
    const reply = this.#do(method.id, account, calendarId, eventId, url.searchParams, body ?? {})
    const { held } = this
    this.held = null
    await held
    if (this.loses > 0) {
      this.loses--
      response.destroy()
      return undefined
    }
    if ('reason' in reply) return refuse(response, reply.status, reply.reason)
    return json(response, reply.status, reply.body)
  }

  async #oauth(which: string, text: string, response: ServerResponse): Promise<void> {
    if (this.tokenMood?.hang) return
    if (this.tokenMood) return refuse(response, this.tokenMood.status ?? 500, 'backendError')
    const form = new URLSearchParams(text)
    const reply =
      which === '/revoke'
        ? this.consents.revoke(form)
        : this.consents.token(form, () => this.claimsOf(form, 'auth/calendar'))
    const { tokenHeld } = this
    this.tokenHeld = null
    await tokenHeld
    json(response, reply.status, { ...reply.body, ...this.tokenOdd })
  }

  #do(
    id: string,
    account: string,
    calendarId: string,
    eventId: string,
    query: URLSearchParams,
    body: Json,
  ): { status: number; body?: object } | { status: number; reason: string } {
    const calendar = this.calendar(account, calendarId)
    const found = calendar.events.get(eventId)
    if (id === 'channels.stop') {
      const channel = this.channels.get(body['id'])
      if (channel?.resourceId !== body['resourceId']) return { status: 404, reason: 'notFound' }
      this.channels.delete(body['id'])
      this.stopped.push(body['id'])
      return { status: 204 }
    }
    if (id === 'events.watch') {
      const resourceId = `resource-${this.channels.size + this.stopped.length}`
      this.channels.set(body['id'], { account, calendarId, address: body['address'], token: body['token'], resourceId })
      return { status: 200, body: { kind: 'api#channel', id: body['id'], resourceId, expiration: body['expiration'] } }
    }
    if (id === 'events.list') return this.#list(calendar, query)
    if (id === 'events.insert' && calendar.events.has(body['id'])) return { status: 409, reason: 'duplicate' }
    if (id !== 'events.insert' && !found) return { status: 404, reason: 'notFound' }
    if (id === 'events.delete') {
      if (found!['status'] === 'cancelled') return { status: 410, reason: 'deleted' }
      this.put(keyOf(account, calendarId), { id: eventId, status: 'cancelled' })
      return { status: 204 }
    }
    if (id === 'events.get') return { status: 200, body: this.#look(found!) }
    if (this.forbids.attendees && body['attendees']?.length > 0)
      return { status: 403, reason: 'forbiddenForServiceAccounts' }
    if (this.forbids.conferences && body['conferenceData']) return { status: 400, reason: 'invalid' }
    const { conferenceData, ...rest } = body
    const event: Json = { status: 'confirmed', ...found, ...rest, seq: ++calendar.seq }
    const request = conferenceData?.createRequest
    if (request && query.get('conferenceDataVersion') === '1' && !event['conferenceData']) {
      const key = request.requestId as string
      const link = this.conferences.getOrInsertComputed(
        key,
        () => `https://meet.google.com/${key.slice(2, 5)}-${key.slice(5, 9)}-${key.slice(-3)}`,
      )
      event['conferenceData'] = { createRequest: { ...request, status: { statusCode: 'pending' } }, link }
    }
    calendar.events.set(event['id'], event)
    return { status: 200, body: this.#look(event) }
  }

  /** An event as it is answered: its conference is ready after as many looks as the test wants. */
  #look(event: Json): Json {
    const { seq: _seq, ...shown } = event
    const conference = event['conferenceData']
    if (!conference) return shown
    const { link, ...data } = conference
    if (this.pendingLooks > 0) {
      this.pendingLooks--
      return { ...shown, conferenceData: data }
    }
    const createRequest = { ...data.createRequest, status: { statusCode: 'success' } }
    return {
      ...shown,
      hangoutLink: link,
      conferenceData: { createRequest, entryPoints: [{ entryPointType: 'video', uri: link }] },
    }
  }

  #list(
    calendar: Calendar,
    query: URLSearchParams,
  ): { status: number; body: object } | { status: number; reason: string } {
    const token = query.get('syncToken')
    if (token !== null && this.forgets)
      return this.forgets === 400 ? { status: 400, reason: 'invalid' } : { status: 410, reason: 'fullSyncRequired' }
    this.asked.push(Object.fromEntries(query))
    const since = token === null ? null : Number(token.slice(1))
    const [min, max] = [query.get('timeMin'), query.get('timeMax')]
    const all = [...calendar.events.values()]
      .filter((one) => (since === null ? one['status'] !== 'cancelled' : one['seq'] > since))
      .filter((one) => since !== null || (endOf(one) > (min ?? '') && startOf(one) < (max ?? '9')))
    const from = Number(query.get('pageToken') ?? 0)
    const items = all.slice(from, from + this.pageSize).map((one) => this.#look(one))
    const more = from + this.pageSize < all.length
    const next = more ? { nextPageToken: String(from + this.pageSize) } : { nextSyncToken: `s${calendar.seq}` }
    return { status: 200, body: { kind: 'calendar#events', timeZone: 'Europe/Kyiv', items, ...next, ...this.listOdd } }
  }
}

const utc = (time: string): string =>
  time.length === 10 ? `${time}T00:00:00Z` : Temporal.Instant.from(time).toString()
const startOf = ({ start }: Json): string => utc(start.dateTime ?? start.date)
const endOf = ({ end }: Json): string => utc(end.dateTime ?? end.date)

export async function startGoogle(): Promise<FakeGoogle> {
  const google = new FakeGoogle()
  await google.start()
  return google
}
