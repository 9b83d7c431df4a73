import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { list, operation } from '../../platform/http/operation.ts'
import { Nothing, Uuid, UuidParams } from '../../platform/http/shapes.ts'
import { topic } from '../../platform/socket/topic.ts'
import { hearsTime } from '../scheduling/index.ts'
import { AvailableQuery, exampleRoom, Room, RoomChange, RoomInput, RoomQuery } from './schema.ts'
import { archiveRoom, createRoom, getRoom, listAvailableRooms, listRooms, updateRoom, watchRoom } from './service.ts'

const tag = 'Rooms'
const exampleInput = {
  organization_id: exampleRoom.organization_id,
  name: exampleRoom.name,
  capacity: 2,
  equipment: ['massage table', 'shower'],
}

/** Treatment rooms of a salon and meeting rooms of an office. */
export function routes(app: FastifyInstance): void {
  list(app, {
    path: '/rooms/',
    who: 'any',
    tag,
    summary: 'Rooms of your organizations',
    description: 'By name. `search` finds words of the name, the location, the description and the equipment.',
    query: RoomQuery,
    data: Room,
    message: 'Rooms retrieved successfully',
    example: { data: exampleRoom },
    run: (ctx, { query }) => listRooms(ctx, query),
  })
  operation(app, {
    method: 'POST',
    path: '/rooms/',
    who: 'any',
    tag,
    status: 201,
    summary: 'Make a room',
    description:
      'For admins and IT of the organization: `organization_id`, or your only one. Without a time zone it takes the organization’s.',
    body: RoomInput,
    data: Room,
    message: 'Room created successfully',
    errors: ['PERMISSION_DENIED', 'NOT_FOUND'],
    example: { body: exampleInput, data: exampleRoom },
    run: (ctx, { body }) => createRoom(ctx, body),
  })
  list(app, {
    path: '/rooms/available/',
    who: 'any',
    tag,
    summary: 'Rooms that are free in a span',
    description:
      'Active rooms of your organizations that are open and taken by nobody from `from` to `to` (at most 31 days), the smallest that fits first.',
    query: AvailableQuery,
    data: Room,
    message: 'Available rooms retrieved successfully',
    example: { data: exampleRoom },
    run: (ctx, { query }) => listAvailableRooms(ctx, query),
  })
  operation(app, {
    method: 'GET',
    path: '/rooms/{id}/',
    who: 'any',
    tag,
    summary: 'One room',
    description: 'For an outsider it does not exist.',
    params: UuidParams,
    data: Room,
    message: 'Room retrieved successfully',
    example: { data: exampleRoom },
    run: (ctx, { params }) => getRoom(ctx, params.id),
  })
  operation(app, {
    method: 'PUT',
    path: '/rooms/{id}/',
    who: 'any',
    tag,
    summary: 'Change a room',
    description: 'For admins and IT of its organization. What is left out stays as it is.',
    params: UuidParams,
    body: RoomChange,
    data: Room,
    message: 'Room updated successfully',
    errors: ['PERMISSION_DENIED'],
    example: { body: { capacity: 2 }, data: exampleRoom },
    run: (ctx, { params, body }) => updateRoom(ctx, params.id, body),
  })
  operation(app, {
    method: 'DELETE',
    path: '/rooms/{id}/',
    who: 'any',
    tag,
    summary: 'Archive a room',
    description:
      'For admins and IT of its organization. While it is taken at times to come this is refused, and `details` names the times; past bookings stand.',
    params: UuidParams,
    data: Nothing,
    message: 'Room deleted successfully',
    errors: ['PERMISSION_DENIED', 'CONFLICT'],
    example: { data: null },
    run: async (ctx, { params }) => {
      await archiveRoom(ctx, params.id)
      return null
    },
  })
  topic(app, {
    topic: 'room',
    noun: 'room',
    summary: 'When a room is open and taken',
    description:
      'For members of its organization. It ends when the room is archived, or when you belong to the organization no more.',
    fields: Type.Object({ room_id: Uuid }),
    example: { room_id: exampleRoom.id },
    hears: hearsTime,
    look: (ctx, { room_id }, userIds) => watchRoom(ctx, room_id, userIds),
  })
}
