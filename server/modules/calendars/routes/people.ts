import type { FastifyInstance } from 'fastify'
import { list, operation } from '../../../platform/http/operation.ts'
import { Nothing, PageQuery, UuidParams } from '../../../platform/http/shapes.ts'
import { receivedUpload, receiveUpload } from '../../../platform/http/upload.ts'
import { Attachment, exampleAttachment, maxAttachmentBytes, prepareAttachment } from '../../files/index.ts'
import { exampleAnswered, exampleEvent, exampleParticipant } from '../schema/event-examples.ts'
import { AnswerInput, CheckInInput, Event, Participant, ParticipantInput, ParticipantParams } from '../schema/events.ts'
import { Attached, AttachInput, CommentInput, EventComment, exampleAttached, exampleComment } from '../schema/talk.ts'
import { checkIn } from '../service/check-in.ts'
import { addComment, attachFiles, attachUpload, listComments, listFiles } from '../service/comments.ts'
import { addParticipant, listParticipants, removeParticipant, respond } from '../service/participants.ts'

const tag = 'Events'
const takesPart =
  'For the organizer, the participants, and whoever may write in the calendar; who may only read the event is refused: 403.'
const notGuests = 'Where only the public calendar of a person opens the event: 403.'

/** Who takes part in an event, and what they say and bring. */
export function peopleRoutes(app: FastifyInstance): void {
  list(app, {
    path: '/events/{id}/participants/',
    who: 'any',
    tag,
    summary: 'Who is invited',
    description: `With their answers; for whoever may read the event. ${notGuests}`,
    params: UuidParams,
    query: PageQuery,
    data: Participant,
    message: 'Participants retrieved successfully',
    errors: ['PERMISSION_DENIED'],
    example: { data: exampleParticipant },
    run: (ctx, { params, query }) => listParticipants(ctx, params.id, query),
  })
  operation(app, {
    method: 'POST',
    path: '/events/{id}/participants/',
    who: 'any',
    tag,
    status: 201,
    summary: 'Invite somebody',
    description:
      'For the organizer and whoever may write in the calendar: a colleague (`user_id`, or their `email`), who is busy then until they decline; or anybody else by `email`.',
    params: UuidParams,
    body: ParticipantInput,
    data: Participant,
    message: 'Participant added successfully',
    errors: ['PERMISSION_DENIED', 'CONFLICT'],
    example: { body: { user_id: 2 }, data: exampleParticipant },
    run: (ctx, { params, body }) => addParticipant(ctx, params.id, body),
  })
  operation(app, {
    method: 'POST',
    path: '/events/{id}/check-in/',
    who: 'any',
    tag,
    summary: 'Check in to the room',
    description:
      'For whoever takes part, from a quarter of an hour before the beginning until the end. In a room with `check_in_minutes` a meeting to which nobody has checked in so many minutes after its beginning loses the room for this occurrence.',
    params: UuidParams,
    body: CheckInInput,
    data: Event,
    message: 'Checked in successfully',
    errors: ['PERMISSION_DENIED', 'CONFLICT'],
    example: { body: {}, data: exampleEvent },
    run: (ctx, { params, body }) => checkIn(ctx, params.id, body),
  })
  operation(app, {
    method: 'DELETE',
    path: '/events/{id}/participants/{participant_id}/',
    who: 'any',
    tag,
    summary: 'Take an invitation back',
    description: 'For the organizer and whoever may write in the calendar; everybody may take themselves out.',
    params: ParticipantParams,
    data: Nothing,
    message: 'Participant removed successfully',
    errors: ['PERMISSION_DENIED'],
    example: { data: null },
    run: async (ctx, { params }) => {
      await removeParticipant(ctx, params.id, params.participant_id)
      return null
    },
  })
  operation(app, {
    method: 'POST',
    path: '/events/{id}/respond/',
    who: 'any',
    tag,
    summary: 'Answer an invitation',
    description:
      'For who is invited: `accepted`, `declined`, `tentative` or `needs_action`, to all of it or to one `occurrence`. Who declines is free again. The organizer is told.',
    params: UuidParams,
    body: AnswerInput,
    data: Event,
    message: 'Answer recorded successfully',
    errors: ['PERMISSION_DENIED'],
    example: { body: { status: 'accepted' }, data: exampleAnswered },
    run: (ctx, { params, body }) => respond(ctx, params.id, body),
  })
  list(app, {
    path: '/events/{id}/comments/',
    who: 'any',
    tag,
    summary: 'Comments on an event',
    description: `The oldest first; for whoever may read the event. ${notGuests}`,
    params: UuidParams,
    query: PageQuery,
    data: EventComment,
    message: 'Comments retrieved successfully',
    errors: ['PERMISSION_DENIED'],
    example: { data: exampleComment },
    run: (ctx, { params, query }) => listComments(ctx, params.id, query),
  })
  operation(app, {
    method: 'POST',
    path: '/events/{id}/comments/',
    who: 'any',
    tag,
    status: 201,
    summary: 'Comment on an event',
    description: `${takesPart} The organizer and the participants are told.`,
    params: UuidParams,
    body: CommentInput,
    data: EventComment,
    message: 'Comment added successfully',
    errors: ['PERMISSION_DENIED'],
    example: { body: { text: exampleComment.text }, data: exampleComment },
    run: (ctx, { params, body }) => addComment(ctx, params.id, body.text),
  })
  list(app, {
    path: '/events/{id}/attachments/',
    who: 'any',
    tag,
    summary: 'Files of an event',
    description: `All of them, with links of five minutes; for whoever may read the event. ${notGuests}`,
    params: UuidParams,
    data: Attachment,
    message: 'Attachments retrieved successfully',
    errors: ['PERMISSION_DENIED'],
    example: { data: exampleAttachment },
    run: (ctx, { params }) => listFiles(ctx, params.id),
  })
  operation(app, {
    method: 'POST',
    path: '/events/{id}/attachments/',
    who: 'any',
    tag,
    status: 201,
    summary: 'Attach files to an event',
    description: `A file as the field \`file\`, or own uploads of \`POST files/attachments/\` by their ids. ${takesPart}`,
    params: UuidParams,
    files: ['file'],
    orBody: AttachInput,
    data: Attached,
    message: 'Files attached successfully',
    example: { body: { attachment_ids: [1] }, data: exampleAttached },
    errors: ['PERMISSION_DENIED', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'],
    guard: (_ctx, { request, reply }) =>
      receiveUpload(request, reply, { field: 'file', maxBytes: maxAttachmentBytes }, prepareAttachment),
    run: async (ctx, { params, body, request }) => ({
      attachments: request.isMultipart()
        ? await attachUpload(ctx, params.id, receivedUpload(request, prepareAttachment))
        : await attachFiles(ctx, params.id, (body as AttachInput).attachment_ids),
    }),
  })
}
