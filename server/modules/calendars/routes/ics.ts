import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { operation } from '../../../platform/http/operation.ts'
import { contextOf } from '../../../platform/http/request.ts'
import { Nothing, UuidParams } from '../../../platform/http/shapes.ts'
import { receivedFile, receiveFile } from '../../../platform/http/upload.ts'
import { endFeed, exportCalendar, exportEvent, readFeed, renewFeed } from '../ics/export.ts'
import { importFile } from '../ics/import.ts'
import { exampleFeed, exampleImported, Feed, ImportBody, Imported } from '../schema/ics.ts'

const tag = 'Calendars'
const contentType = 'text/calendar; charset=utf-8'
const exampleFile = 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\n...\r\nEND:VCALENDAR\r\n'
const mostBytes = 5 * 1024 * 1024

/** The file, or the text of a body in JSON, whose shape has been checked. */
const bytesOf = (request: FastifyRequest): Buffer =>
  request.isMultipart() ? receivedFile(request) : Buffer.from((request.body as { ics: string }).ics)

/** Files of calendars: import, export, and the secret feed. */
export function icsRoutes(app: FastifyInstance): void {
  operation(app, {
    method: 'POST',
    path: '/calendars/{id}/import/',
    who: 'any',
    tag,
    summary: 'Import an iCalendar file',
    description:
      'For whoever may write in the calendar: the field `file` (at most 5 MB), or JSON with `ics`. What can be read is kept, what cannot is told under `skipped` and `notes`. Importing twice changes nothing: an event is known by its UID, and one with an older SEQUENCE changes nothing. Nobody is told, and no mail goes out.',
    params: UuidParams,
    files: ['file'],
    orBody: ImportBody,
    data: Imported,
    message: 'Calendar imported successfully',
    errors: ['PERMISSION_DENIED', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'],
    example: { body: { ics: exampleFile }, data: exampleImported },
    guard: (_ctx, { request }) => receiveFile(request, 'file', mostBytes),
    run: (ctx, { params, request }) => importFile(ctx, params.id, bytesOf(request)),
  })
  operation(app, {
    method: 'GET',
    path: '/calendars/{id}/export/',
    who: 'any',
    tag,
    summary: 'A calendar as an iCalendar file',
    description: 'For whoever may read it; of private events of others the time alone.',
    params: UuidParams,
    data: Type.String(),
    contentType,
    message: 'Calendar retrieved successfully',
    errors: ['PERMISSION_DENIED', 'PAYLOAD_TOO_LARGE'],
    example: { data: exampleFile },
    run: async (ctx, { params, reply }) => {
      const file = await exportCalendar(ctx, params.id)
      reply.header('content-disposition', 'attachment; filename="calendar.ics"')
      return file
    },
  })
  operation(app, {
    method: 'GET',
    path: '/events/{id}/ics/',
    who: 'any',
    tag: 'Events',
    summary: 'An event as an iCalendar file',
    description: 'With its series and every occurrence that differs; for whoever sees the event.',
    params: UuidParams,
    data: Type.String(),
    contentType,
    message: 'Event retrieved successfully',
    example: { data: exampleFile },
    run: async (ctx, { params, reply }) => {
      const file = await exportEvent(ctx, params.id)
      reply.header('content-disposition', 'attachment; filename="event.ics"')
      return file
    },
  })
  operation(app, {
    method: 'POST',
    path: '/calendars/{id}/feed/',
    who: 'any',
    tag,
    status: 201,
    summary: 'Make the secret address of a calendar',
    description:
      'For its owner: calendar programs can subscribe to it without signing in. An earlier address ends. Whoever knows it sees what you see, of private events of others the time alone.',
    params: UuidParams,
    data: Feed,
    secret: true,
    message: 'Feed created successfully',
    errors: ['PERMISSION_DENIED'],
    example: { data: exampleFeed },
    run: (ctx, { params }) => renewFeed(ctx, params.id),
  })
  operation(app, {
    method: 'DELETE',
    path: '/calendars/{id}/feed/',
    who: 'any',
    tag,
    summary: 'End the secret address of a calendar',
    params: UuidParams,
    data: Nothing,
    message: 'Feed ended successfully',
    errors: ['PERMISSION_DENIED'],
    example: { data: null },
    run: async (ctx, { params }) => {
      await endFeed(ctx, params.id)
      return null
    },
  })
  app.get<{ Params: { token: string } }>('/feeds/:token.ics', async (request, reply) => {
    const file = await readFeed(contextOf(request), request.params.token)
    const etag = `"${createHash('sha1').update(file).digest('base64url')}"`
    reply.header('etag', etag).header('cache-control', 'private, no-cache')
    const known = request.headers['if-none-match'] ?? ''
    if (known.split(',').some((tagged) => tagged.trim().replace(/^W\//, '') === etag)) return reply.code(304).send()
    return reply.type(contentType).send(file)
  })
}
