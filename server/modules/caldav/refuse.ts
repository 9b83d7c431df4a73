import { AppError } from '../../platform/errors.ts'

/** Preconditions of reports and methods that a request may break. */
const sentences = {
  'valid-filter': 'This filter cannot be followed',
  'supported-filter': 'This filter is not supported',
  'supported-collation': 'This collation is not supported',
  'supported-calendar-data': 'Events can be had in one form only',
  'valid-calendar-data': 'This is not a calendar file that can be read',
  'number-of-matches-within-limits': 'The calendar has too many events for one answer',
  'supported-report': 'There is no such report here',
  'propfind-finite-depth': 'Only the depths 0 and 1 are answered',
  'resource-must-be-null': 'Something of this name is there already',
  'calendar-collection-location-ok': 'A calendar is made directly below your calendars',
  'supported-calendar-component': 'Only events can be kept',
  'cannot-modify-protected-property': 'This property is not for clients to set',
  'max-resource-size': 'The event is larger than can be kept',
}

/** @returns PERMISSION_DENIED whose detail names the precondition */
export const refuse = (condition: keyof typeof sentences): AppError =>
  new AppError('PERMISSION_DENIED', sentences[condition], {
    details: [{ message: sentences[condition], rule: `dav:${condition}` }],
  })
