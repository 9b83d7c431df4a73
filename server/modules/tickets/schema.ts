import { Type, type Static } from 'typebox'
import { Id, Instant, Line, Nullable, OneOf, pageQuery, Text, Uuid } from '../../platform/http/shapes.ts'
import { Attachment, AttachmentIds, exampleAttachment } from '../files/index.ts'
import { priorities, statuses } from './rules.ts'

const Status = OneOf(statuses, { title: 'TicketStatus' })
const Priority = OneOf(priorities, { title: 'TicketPriority' })

export const Ticket = Type.Object(
  {
    id: Uuid,
    organization_id: Uuid,
    number: Type.Integer({ description: 'Counted by the organization, from 1.' }),
    title: Type.String(),
    description: Type.String(),
    status: Status,
    priority: Priority,
    category: Type.String(),
    requester_id: Nullable(Id),
    requester_name: Nullable(Type.String()),
    assignee_id: Nullable(Id),
    assignee_name: Nullable(Type.String()),
    due_at: Instant,
    is_overdue: Type.Boolean({ description: 'Neither resolved nor closed, and past `due_at`.' }),
    resolved_at: Nullable(Instant),
    closed_at: Nullable(Instant),
    attachment_count: Type.Integer({ description: 'Without those of comments.' }),
    created_at: Instant,
    updated_at: Instant,
  },
  { title: 'Ticket' },
)
export type TicketView = Static<typeof Ticket>

const Title = Line(300, 1)
const Description = Text(20_000)
const Category = Line(100)

export const TicketInput = Type.Object({
  organization_id: Type.Optional(Uuid),
  title: Title,
  description: Type.Optional(Description),
  priority: Type.Optional(Priority),
  category: Type.Optional(Category),
  requester_id: Type.Optional(Id),
  assignee_id: Type.Optional(Nullable(Id)),
  attachment_ids: Type.Optional(AttachmentIds),
})
export type TicketInput = Static<typeof TicketInput>

export const TicketChange = Type.Object({
  title: Type.Optional(Title),
  description: Type.Optional(Description),
  status: Type.Optional(Status),
  priority: Type.Optional(Priority),
  category: Type.Optional(Category),
  assignee_id: Type.Optional(Nullable(Id)),
  attachment_ids: Type.Optional(AttachmentIds),
})
export type TicketChange = Static<typeof TicketChange>

export const ticketOrderings = [
  '-created_at',
  'created_at',
  '-updated_at',
  'updated_at',
  'due_at',
  '-due_at',
  '-priority',
  'priority',
] as const
export type TicketOrdering = (typeof ticketOrderings)[number]

const whom = (description: string) =>
  Type.Optional(Type.String({ pattern: '^(?:me|none|[1-9]\\d{0,14})$', maxLength: 15, description, examples: ['me'] }))

export const TicketQuery = Type.Object({
  ...pageQuery,
  organization_id: Type.Optional(Uuid),
  status: Type.Optional(Status),
  priority: Type.Optional(Priority),
  category: Type.Optional(Category),
  assignee: whom('`me`, `none`, or the id of a person.'),
  requester: whom('`me`, `none`, or the id of a person.'),
  overdue: Type.Optional(Type.Boolean({ description: 'Neither resolved nor closed, and past `due_at`; or not so.' })),
  search: Type.Optional(Line(200)),
  ordering: Type.Optional(OneOf(ticketOrderings, { description: 'The newest first unless it is said otherwise.' })),
})
export type TicketQuery = Static<typeof TicketQuery>

export const TicketComment = Type.Object(
  {
    id: Uuid,
    author_id: Nullable(Id),
    author_name: Nullable(Type.String()),
    text: Type.String(),
    is_internal: Type.Boolean({ description: 'Only IT and admins see it.' }),
    attachments: Type.Array(Attachment),
    created_at: Instant,
  },
  { title: 'TicketComment' },
)
export type CommentView = Static<typeof TicketComment>

export const CommentInput = Type.Object({
  text: Text(20_000, 1),
  is_internal: Type.Optional(Type.Boolean()),
  attachment_ids: Type.Optional(AttachmentIds),
})
export type CommentInput = Static<typeof CommentInput>

export const TicketHistoryEntry = Type.Object(
  {
    id: Id,
    at: Instant,
    actor_id: Nullable(Id),
    actor_name: Nullable(Type.String()),
    field: Type.String({ description: '`created`, or the field that was changed.' }),
    before: Nullable(Type.String()),
    after: Nullable(Type.String()),
  },
  { title: 'TicketHistoryEntry' },
)
export type HistoryView = Static<typeof TicketHistoryEntry>

const Hours = Type.Integer({ minimum: 1, maximum: 8760 })
const desk = {
  due_hours: Type.Object(
    { low: Hours, normal: Hours, high: Hours, urgent: Hours },
    { description: 'Hours until a ticket is due, by priority; they count by the clock, day and night.' },
  ),
  categories: Type.Array(Line(100, 1), {
    maxItems: 100,
    description: 'The categories to choose from; without any, every word is one.',
  }),
}
export const TicketSettings = Type.Object({ organization_id: Uuid, ...desk }, { title: 'TicketSettings' })
export type SettingsView = Static<typeof TicketSettings>

export const SettingsChange = Type.Object({
  organization_id: Type.Optional(Uuid),
  due_hours: Type.Optional(Type.Partial(desk.due_hours)),
  categories: Type.Optional(desk.categories),
})
export type SettingsChange = Static<typeof SettingsChange>
export const OfOrganization = Type.Object({ organization_id: Type.Optional(Uuid) })

const organization_id = '0199c3a2-7c1e-7b6e-9d0a-3f1f5a6b7c8d'
export const exampleTicket = {
  id: '0199c3a2-7c1e-7b6e-9d0a-3f1f5a6b7cf1',
  organization_id,
  number: 42,
  title: 'The lamp is dark',
  description: 'In the big room, above the door',
  status: 'open',
  priority: 'normal',
  category: 'Building',
  requester_id: 2,
  requester_name: 'Ada Moroz',
  assignee_id: null,
  assignee_name: null,
  due_at: '2026-01-15T08:00:00Z',
  is_overdue: false,
  resolved_at: null,
  closed_at: null,
  attachment_count: 1,
  created_at: '2026-01-12T08:00:00Z',
  updated_at: '2026-01-12T08:00:00Z',
} satisfies TicketView

export const exampleComment = {
  id: '0199c3a2-7c1e-7b6e-9d0a-3f1f5a6b7cf2',
  author_id: 3,
  author_name: 'Ivan Helper',
  text: 'I shall bring a new one on Thursday',
  is_internal: false,
  attachments: [exampleAttachment],
  created_at: '2026-01-12T09:00:00Z',
} satisfies CommentView

export const exampleChange = {
  id: 7,
  at: '2026-01-12T09:00:00Z',
  actor_id: 3,
  actor_name: 'Ivan Helper',
  field: 'status',
  before: 'open',
  after: 'in_progress',
} satisfies HistoryView

export const exampleSettings = {
  organization_id,
  due_hours: { low: 168, normal: 72, high: 24, urgent: 4 },
  categories: ['Building', 'Computers'],
} satisfies SettingsView
