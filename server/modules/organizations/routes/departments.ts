import type { FastifyInstance } from 'fastify'
import { list, operation } from '../../../platform/http/operation.ts'
import { Nothing, UuidParams } from '../../../platform/http/shapes.ts'
import { Colleague, exampleColleague } from '../schema.ts'
import {
  Department,
  DepartmentChange,
  DepartmentInput,
  DepartmentMembersQuery,
  DepartmentQuery,
  DepartmentRow,
  exampleDepartment,
} from '../schema-departments.ts'
import { listDepartmentMembers } from '../service/colleagues.ts'
import {
  createDepartment,
  deleteDepartment,
  getDepartment,
  listDepartments,
  updateDepartment,
} from '../service/departments.ts'

const tag = 'Departments'
const mayNot =
  'A member whose `access_org_structure` was taken away is refused: 403. For an outsider there are no departments.'

/** The tree of an organization's departments. */
export function departmentRoutes(app: FastifyInstance): void {
  list(app, {
    path: '/departments/',
    who: 'any',
    tag,
    summary: 'Departments of your organizations',
    description: `By name; with \`tree=true\` those at the top, each with its \`children\`. ${mayNot}`,
    query: DepartmentQuery,
    data: DepartmentRow,
    message: 'Departments retrieved successfully',
    errors: ['PERMISSION_DENIED'],
    example: { data: { ...exampleDepartment, children: [] } },
    run: (ctx, { query }) => listDepartments(ctx, query),
  })
  operation(app, {
    method: 'POST',
    path: '/departments/',
    who: 'any',
    tag,
    status: 201,
    summary: 'Make a department',
    description:
      'For admins of the organization: `organization_id`, or your only one. Departments right below the same one have different names; the head must be a member; at most 20 levels and 1,000 departments.',
    body: DepartmentInput,
    data: Department,
    message: 'Department created successfully',
    errors: ['PERMISSION_DENIED', 'NOT_FOUND', 'CONFLICT'],
    example: { body: { name: 'Sales', head_id: 2 }, data: { ...exampleDepartment, description: '', member_count: 0 } },
    run: (ctx, { body }) => createDepartment(ctx, body),
  })
  operation(app, {
    method: 'GET',
    path: '/departments/{id}/',
    who: 'any',
    tag,
    summary: 'One department',
    description: mayNot,
    params: UuidParams,
    data: Department,
    message: 'Department retrieved successfully',
    errors: ['PERMISSION_DENIED'],
    example: { data: exampleDepartment },
    run: (ctx, { params }) => getDepartment(ctx, params.id),
  })
  operation(app, {
    method: 'PUT',
    path: '/departments/{id}/',
    who: 'any',
    tag,
    summary: 'Change or move a department',
    description:
      'For admins of its organization. What is left out stays as it is; with another `parent_id` everything below moves along. It cannot stand below itself.',
    params: UuidParams,
    body: DepartmentChange,
    data: Department,
    message: 'Department updated successfully',
    errors: ['PERMISSION_DENIED', 'CONFLICT'],
    example: { body: { head_id: 2 }, data: exampleDepartment },
    run: (ctx, { params, body }) => updateDepartment(ctx, params.id, body),
  })
  operation(app, {
    method: 'DELETE',
    path: '/departments/{id}/',
    who: 'any',
    tag,
    summary: 'Delete a department',
    description:
      'For admins of its organization. The departments below it move up to its place (409 where one of them bears a name that stands there); its members stay in the organization without a department.',
    params: UuidParams,
    data: Nothing,
    message: 'Department deleted successfully',
    errors: ['PERMISSION_DENIED', 'CONFLICT'],
    example: { data: null },
    run: async (ctx, { params }) => {
      await deleteDepartment(ctx, params.id)
      return null
    },
  })
  list(app, {
    path: '/departments/{id}/members/',
    who: 'any',
    tag,
    summary: 'Members of a department',
    description: `By last name, those of the departments below it among them unless \`direct=true\`. ${mayNot}`,
    params: UuidParams,
    query: DepartmentMembersQuery,
    data: Colleague,
    message: 'Members retrieved successfully',
    errors: ['PERMISSION_DENIED'],
    example: { data: exampleColleague },
    run: (ctx, { params, query }) => listDepartmentMembers(ctx, params.id, query),
  })
}
