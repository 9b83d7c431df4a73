import assert from 'node:assert/strict'
import type { Answer, House, Person } from '../../../test/support.ts'

/** Files of calendars, for tests. */

/** A file of some lines within a calendar. */
export const calendarOf = (...lines: string[]): string =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//test//EN', ...lines, 'END:VCALENDAR', ''].join('\r\n')

export const eventOf = (uid: string, ...lines: string[]): string[] => [
  'BEGIN:VEVENT',
  `UID:${uid}`,
  ...lines,
  'END:VEVENT',
]

/** Sends a file as a form, as browsers do. */
export function importFile(house: House, who: Person, calendarId: string, file: string | Buffer): Promise<Answer> {
  const boundary = 'x7Yb'
  const payload = Buffer.concat([
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.ics"\r\nContent-Type: text/calendar\r\n\r\n`,
    ),
    Buffer.from(file),
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ])
  const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` }
  return house.call('POST', `/api/v1/calendars/${calendarId}/import/`, { token: who.token, headers, payload })
}

export async function imported(
  house: House,
  who: Person,
  calendarId: string,
  file: string | Buffer,
): Promise<Answer['body']> {
  const answer = await importFile(house, who, calendarId, file)
  assert.equal(answer.status, 200, answer.text)
  return answer.body['data']
}

export async function exported(house: House, who: Person, calendarId: string): Promise<string> {
  const answer = await house.call('GET', `/api/v1/calendars/${calendarId}/export/`, { token: who.token })
  assert.equal(answer.status, 200, answer.text)
  return answer.text
}

/** A calendar of one's own. */
export async function newCalendar(house: House, who: Person, fields: object = {}): Promise<string> {
  const answer = await house.call('POST', '/api/v1/calendars/', {
    token: who.token,
    json: { name: 'Files', ...fields },
  })
  assert.equal(answer.status, 201, answer.text)
  return answer.body['data'].id
}

/** The events of a file without what only tells when it was written. */
export const withoutStamps = (file: string): string => file.replaceAll(/^(DTSTAMP|LAST-MODIFIED):.*\r\n/gm, '')
