import { Type, type Static } from 'typebox'
import { Id, Instant, Line, Nullable, pageQuery, Text, Uuid } from '../../platform/http/shapes.ts'

const fields = {
  id: Uuid,
  organization_id: Uuid,
  parent_id: Nullable(Uuid),
  name: Type.String(),
  description: Type.String(),
  head_id: Nullable(Id),
  head_name: Nullable(Type.String()),
  member_count: Type.Integer({ description: 'Who belongs to this very department, without those below it.' }),
  created_at: Instant,
  updated_at: Instant,
}

export const Department = Type.Object(fields, { title: 'Department' })
export type DepartmentView = Static<typeof Department>

export type DepartmentNode = DepartmentView & { children?: DepartmentNode[] }
/** A department of a list; `children` only where a tree was asked for. */
export const DepartmentRow = Type.Object(
  {
    ...fields,
    children: Type.Optional(
      Type.Array(
        Type.Unsafe<DepartmentNode>({
          type: 'object',
          additionalProperties: true,
          description: 'A department of the same shape.',
        }),
        { description: 'The departments right below, by name; with `tree=true`.' },
      ),
    ),
  },
  { title: 'DepartmentRow' },
)

const Description = Type.Optional(Nullable(Text(5000)))
const ParentId = Type.Optional(Nullable(Uuid))
const HeadId = Type.Optional(Nullable(Id))

export const DepartmentInput = Type.Object({
  organization_id: Type.Optional(Uuid),
  name: Line(200, 1),
  description: Description,
  parent_id: ParentId,
  head_id: HeadId,
})
export type DepartmentInput = Static<typeof DepartmentInput>

/** What is left out stays; a department never changes its organization. */
export const DepartmentChange = Type.Object({
  name: Type.Optional(Line(200, 1)),
  description: Description,
  parent_id: ParentId,
  head_id: HeadId,
})
export type DepartmentChange = Static<typeof DepartmentChange>

export const DepartmentQuery = Type.Object({
  ...pageQuery,
  organization_id: Type.Optional(Uuid),
  parent_id: Type.Optional(Type.String({ ...Uuid, description: 'Only what is right below this one.' })),
  search: Type.Optional(Line(200)),
  tree: Type.Optional(
    Type.Boolean({
      default: false,
      description:
        'Answers the departments at the top with their `children`, however deep; a search keeps what it finds and what leads there.',
    }),
  ),
})
export type DepartmentQuery = Static<typeof DepartmentQuery>

export const DepartmentMembersQuery = Type.Object({
  ...pageQuery,
  direct: Type.Optional(Type.Boolean({ default: false, description: 'Without the members of the departments below.' })),
})

export const exampleDepartment = {
  id: '0199c3a2-7c1e-7b6e-9d0a-3f1f5a6b7ca1',
  organization_id: '0199c3a2-7c1e-7b6e-9d0a-3f1f5a6b7c8d',
  parent_id: null,
  name: 'Sales',
  description: 'Everybody who talks to customers',
  head_id: 2,
  head_name: 'Ada Moroz',
  member_count: 7,
  created_at: '2026-01-12T08:00:00Z',
  updated_at: '2026-01-12T08:00:00Z',
} satisfies DepartmentView
