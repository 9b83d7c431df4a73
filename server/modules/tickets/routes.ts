import type { FastifyInstance } from 'fastify'
import { list, operation } from '../../platform/http/operation.ts'
import { Nothing, PageQuery, UuidParams } from '../../platform/http/shapes.ts'
import { Attachment, exampleAttachment } from '../files/index.ts'
import {
  CommentInput,
  exampleChange,
  exampleComment,
  exampleSettings,
  exampleTicket,
  OfOrganization,
  SettingsChange,
  Ticket,
  TicketChange,
  TicketComment,
  TicketHistoryEntry,
  TicketInput,
  TicketQuery,
  TicketSettings,
} from './schema.ts'
import { updateTicket } from './service/change.ts'
import { addComment, listComments } from './service/comments.ts'
import { getSettings, updateSettings } from './service/desks.ts'
import { createTicket, deleteTicket, getTicket, listFiles, listHistory, listTickets } from './service/tickets.ts'

const tag = 'Tickets'
const whoSees =
  'Employees see what they have asked for and what is assigned to them, IT and admins all of the organization; for others it does not exist. A member whose `access_tickets` was taken away is refused: 403.'

const { title, description, category } = exampleTicket

/** Tickets of an organization. */
export function routes(app: FastifyInstance): void {
  list(app, {
    path: '/tickets/',
    who: 'any',
    tag,
    summary: 'Tickets',
    description: `Yours, or all. \`search\` finds words of the title, the description and \`#number\`. ${whoSees}`,
    query: TicketQuery,
    data: Ticket,
    message: 'Tickets retrieved successfully',
    errors: ['PERMISSION_DENIED'],
    example: { data: exampleTicket },
    run: (ctx, { query }) => listTickets(ctx, query),
  })
  operation(app, {
    method: 'POST',
    path: '/tickets/',
    who: 'any',
    tag,
    status: 201,
    summary: 'Open a ticket',
    description:
      'For members of the organization: `organization_id`, or your only one. Its priority says until when it is due. IT and admins may open it for another member (`requester_id`) and assign it (`assignee_id`).',
    body: TicketInput,
    data: Ticket,
    message: 'Ticket created successfully',
    errors: ['PERMISSION_DENIED', 'NOT_FOUND'],
    example: {
      body: { title, description, category },
      data: { ...exampleTicket, attachment_count: 0 },
    },
    run: (ctx, { body }) => createTicket(ctx, body),
  })
  settingsRoutes(app)
  operation(app, {
    method: 'GET',
    path: '/tickets/{id}/',
    who: 'any',
    tag,
    summary: 'One ticket',
    description: whoSees,
    params: UuidParams,
    data: Ticket,
    message: 'Ticket retrieved successfully',
    errors: ['PERMISSION_DENIED'],
    example: { data: exampleTicket },
    run: (ctx, { params }) => getTicket(ctx, params.id),
  })
  operation(app, {
    method: 'PUT',
    path: '/tickets/{id}/',
    who: 'any',
    tag,
    summary: 'Change, assign or move a ticket',
    description:
      'What is left out stays as it is. `open`, `in_progress`, `resolved`, `closed`, and open again: other steps are 409. Whoever asked for it words it, closes it and, within 30 days, opens it again; the rest is for IT, admins and whoever it is assigned to. With another priority, or open again, it is due at another time. `attachment_ids` are added.',
    params: UuidParams,
    body: TicketChange,
    data: Ticket,
    message: 'Ticket updated successfully',
    errors: ['PERMISSION_DENIED', 'CONFLICT'],
    example: {
      body: { status: 'in_progress', assignee_id: 3 },
      data: { ...exampleTicket, status: 'in_progress', assignee_id: 3, assignee_name: 'Ivan Helper' },
    },
    run: (ctx, { params, body }) => updateTicket(ctx, params.id, body),
  })
  operation(app, {
    method: 'DELETE',
    path: '/tickets/{id}/',
    who: 'any',
    tag,
    summary: 'Delete a ticket',
    description: 'For IT and admins of its organization; with its comments, files and history.',
    params: UuidParams,
    data: Nothing,
    message: 'Ticket deleted successfully',
    errors: ['PERMISSION_DENIED'],
    example: { data: null },
    run: async (ctx, { params }) => {
      await deleteTicket(ctx, params.id)
      return null
    },
  })
  talkRoutes(app)
}

function settingsRoutes(app: FastifyInstance): void {
  operation(app, {
    method: 'GET',
    path: '/tickets/settings/',
    who: 'any',
    tag,
    summary: 'When tickets are due, and their categories',
    description: 'For members of the organization: `organization_id`, or your only one.',
    query: OfOrganization,
    data: TicketSettings,
    message: 'Ticket settings retrieved successfully',
    errors: ['PERMISSION_DENIED', 'NOT_FOUND'],
    example: { data: exampleSettings },
    run: (ctx, { query }) => getSettings(ctx, query.organization_id),
  })
  operation(app, {
    method: 'PUT',
    path: '/tickets/settings/',
    who: 'any',
    tag,
    summary: 'Settle when tickets are due, and their categories',
    description: 'For IT and admins of the organization. Tickets that stand keep their times. What is left out stays.',
    body: SettingsChange,
    data: TicketSettings,
    message: 'Ticket settings updated successfully',
    errors: ['PERMISSION_DENIED', 'NOT_FOUND'],
    example: {
      body: { due_hours: { urgent: 4 }, categories: ['Building', 'Computers'] },
      data: exampleSettings,
    },
    run: (ctx, { body }) => updateSettings(ctx, body),
  })
}

function talkRoutes(app: FastifyInstance): void {
  list(app, {
    path: '/tickets/{id}/comments/',
    who: 'any',
    tag,
    summary: 'Comments on a ticket',
    description: `The oldest first; internal ones for IT and admins only. ${whoSees}`,
    params: UuidParams,
    query: PageQuery,
    data: TicketComment,
    message: 'Comments retrieved successfully',
    errors: ['PERMISSION_DENIED'],
    example: { data: exampleComment },
    run: (ctx, { params, query }) => listComments(ctx, params.id, query),
  })
  operation(app, {
    method: 'POST',
    path: '/tickets/{id}/comments/',
    who: 'any',
    tag,
    status: 201,
    summary: 'Comment on a ticket',
    description: 'Whoever sees the ticket may; with `is_internal` only IT and admins, among themselves.',
    params: UuidParams,
    body: CommentInput,
    data: TicketComment,
    message: 'Comment created successfully',
    errors: ['PERMISSION_DENIED'],
    example: { body: { text: 'I shall bring a new one on Thursday' }, data: exampleComment },
    run: (ctx, { params, body }) => addComment(ctx, params.id, body),
  })
  list(app, {
    path: '/tickets/{id}/history/',
    who: 'any',
    tag,
    summary: 'Who changed what of a ticket',
    description: `The oldest first. ${whoSees}`,
    params: UuidParams,
    query: PageQuery,
    data: TicketHistoryEntry,
    message: 'History retrieved successfully',
    errors: ['PERMISSION_DENIED'],
    example: { data: exampleChange },
    run: (ctx, { params, query }) => listHistory(ctx, params.id, query),
  })
  list(app, {
    path: '/tickets/{id}/attachments/',
    who: 'any',
    tag,
    summary: 'Files of a ticket',
    description: `All of them, with links of five minutes. ${whoSees}`,
    params: UuidParams,
    data: Attachment,
    message: 'Attachments retrieved successfully',
    errors: ['PERMISSION_DENIED'],
    example: { data: exampleAttachment },
    run: (ctx, { params }) => listFiles(ctx, params.id),
  })
}
