import { GoogleSpec, isObject } from '../../../../test/google.ts'

const spec = new GoogleSpec('calendar-v3.json')

/** Which method a path below `/calendar/v3/` is, with what its path names. */
export function methodOf(verb: string, path: string): { id: string; params: string[] } | null {
  const patterns: [id: string, verb: string, pattern: RegExp][] = [
    ['events.watch', 'POST', /^calendars\/([^/]+)\/events\/watch$/],
    ['events.insert', 'POST', /^calendars\/([^/]+)\/events$/],
    ['events.list', 'GET', /^calendars\/([^/]+)\/events$/],
    ['events.get', 'GET', /^calendars\/([^/]+)\/events\/([^/]+)$/],
    ['events.patch', 'PATCH', /^calendars\/([^/]+)\/events\/([^/]+)$/],
    ['events.delete', 'DELETE', /^calendars\/([^/]+)\/events\/([^/]+)$/],
    ['channels.stop', 'POST', /^channels\/stop$/],
  ]
  for (const [id, wanted, pattern] of patterns) {
    const found = wanted === verb ? pattern.exec(path) : null
    if (found) return { id, params: found.slice(1).map(decodeURIComponent) }
  }
  return null
}

/** Parameters that a sync token does not go with (events.list). */
const notWithToken = [
  'iCalUID',
  'orderBy',
  'privateExtendedProperty',
  'q',
  'sharedExtendedProperty',
  'timeMin',
  'timeMax',
  'updatedMin',
]

/** What is wrong with a request, in words: by the description, and by the rules that its texts tell. */
export function requestProblem(id: string, query: URLSearchParams, body: unknown): string | null {
  const problem = spec.callProblem(id, query, body)
  if (problem) return problem
  if (query.has('syncToken') && notWithToken.some((key) => query.has(key))) return `${id}: not with a sync token`
  if (Number(query.get('maxResults') ?? 0) > 2500) return `${id}: at most 2500 results`
  const event = isObject(body) ? body : {}
  if (id === 'events.insert' && 'id' in event && !/^[a-v0-9]{5,1024}$/.test(String(event['id']))) return `${id}: the id`
  if (id === 'events.insert' && !(isObject(event['start']) && isObject(event['end']))) return `${id}: no start or end`
  if (id === 'events.watch' && (event['type'] !== 'web_hook' || !String(event['address']).startsWith('https://')))
    return `${id}: no web_hook of https`
  return null
}
