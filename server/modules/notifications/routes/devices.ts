import type { FastifyInstance } from 'fastify'
import { list, operation } from '../../../platform/http/operation.ts'
import { IdParams, Nothing, PageQuery } from '../../../platform/http/shapes.ts'
import {
  Device,
  DeviceInput,
  DeviceToken,
  exampleDevice,
  examplePreferences,
  Preferences,
  PreferencesInput,
} from '../schema.ts'
import { forgetDevice, listDevices, registerDevice } from '../service/devices.ts'
import { getPreferences, putPreferences } from '../service/preferences.ts'

const tag = 'Notifications'

/** One's own devices, and what one is told by which channel. */
export function deviceRoutes(app: FastifyInstance): void {
  operation(app, {
    method: 'POST',
    path: '/notifications/devices/',
    who: 'any',
    tag,
    summary: 'Register a device for push messages',
    description:
      'With the token that Firebase gave the client; to be repeated whenever Firebase gives another one, and at every start. A token belongs to one account at a time, and to the session that registered it: signing out silences the device. The 21st device of a person takes the place of the one that was registered longest ago.',
    body: DeviceInput,
    data: Device,
    status: 201,
    message: 'Device registered successfully',
    example: { body: { token: 'fGx1:APA91bExample', platform: 'android', name: 'Pixel 9' }, data: exampleDevice },
    run: (ctx, { body }) => registerDevice(ctx, body),
  })
  list(app, {
    path: '/notifications/devices/',
    who: 'any',
    tag,
    summary: 'The devices of your open sessions',
    description: 'The last registered first. Their tokens are never shown.',
    query: PageQuery,
    data: Device,
    message: 'Devices retrieved successfully',
    example: { data: exampleDevice },
    run: (ctx, { query }) => listDevices(ctx, query),
  })
  operation(app, {
    method: 'DELETE',
    path: '/notifications/devices/',
    who: 'any',
    tag,
    summary: 'Forget a device by its token',
    description: 'For a client that has its token and no id; signing out does the same.',
    body: DeviceToken,
    data: Nothing,
    errors: ['NOT_FOUND'],
    message: 'Device forgotten successfully',
    example: { body: { token: 'fGx1:APA91bExample' }, data: null },
    run: async (ctx, { body }) => {
      await forgetDevice(ctx, body)
      return null
    },
  })
  operation(app, {
    method: 'DELETE',
    path: '/notifications/devices/{id}/',
    who: 'any',
    tag,
    summary: 'Forget a device',
    description: 'Nothing is shown on it any more until it is registered again.',
    params: IdParams,
    data: Nothing,
    message: 'Device forgotten successfully',
    example: { data: null },
    run: async (ctx, { params }) => {
      await forgetDevice(ctx, params)
      return null
    },
  })
  operation(app, {
    method: 'GET',
    path: '/notifications/preferences/',
    who: 'any',
    tag,
    summary: 'What you are told, by topic and channel',
    description:
      '`fixed` names the channels of a topic that cannot be changed: essential ones, and those that are not offered. During `quiet_hours`, by the clock of your time zone, pushes and mails that are not essential wait; what would come too late after them (a reminder of a booking that begins within an hour of their end) comes at once. `push_available` is false where this server pushes nothing.',
    data: Preferences,
    message: 'Preferences retrieved successfully',
    example: { data: examplePreferences },
    run: (ctx) => getPreferences(ctx),
  })
  operation(app, {
    method: 'PUT',
    path: '/notifications/preferences/',
    who: 'any',
    tag,
    summary: 'Change what you are told',
    description:
      'What is named is changed, everything else stays; `quiet_hours: null` takes them away. The answer of GET can be sent back as it is.',
    body: PreferencesInput,
    data: Preferences,
    message: 'Preferences updated successfully',
    example: {
      body: { topics: [{ topic: 'reminders', email: false }], quiet_hours: { start: '22:00', end: '08:00' } },
      data: examplePreferences,
    },
    run: (ctx, { body }) => putPreferences(ctx, body),
  })
}
