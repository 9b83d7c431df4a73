import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { list, operation } from '../../../platform/http/operation.ts'
import { Id, IdParams, Nothing, PageQuery } from '../../../platform/http/shapes.ts'
import { invalid } from '../../../platform/errors.ts'
import { MAX_PHOTO_BYTES } from '../../../platform/files/images.ts'
import { exampleInput, exampleService } from '../schema/examples.ts'
import { Category, Service, ServiceChange, ServiceInput, ServiceQuery } from '../schema/services.ts'
import { listCategories, listServices } from '../service/listings.ts'
import { addPhoto, removePhoto, reorderPhotos } from '../service/photos.ts'
import { archiveService, createService, getService, updateService, type ServiceGuard } from '../service/services.ts'

const tag = 'Services'
const PhotoParams = Type.Object({ id: Id, photo_id: Id })
const PhotoOrder = Type.Object({ photo_ids: Type.Array(Id, { minItems: 1, maxItems: 100, uniqueItems: true }) })

export function serviceRoutes(app: FastifyInstance, refuseIfBooked: ServiceGuard): void {
  for (const path of ['/services/', '/public/services/'])
    list(app, {
      path,
      who: 'public',
      tag: path === '/services/' ? tag : 'Public',
      summary: 'Services on offer',
      description:
        'Found by words and parts of words of title, description, category, seller, staff and city, ignoring case and accents; every word must be found. `price` and its bounds count in major units of whatever currency, unless `currency` names one.',
      query: ServiceQuery,
      data: Service,
      exact: true,
      message: 'Services retrieved successfully',
      errors: ['NOT_FOUND', 'TOKEN_MISSING', 'AUTHENTICATION_FAILED'],
      example: { data: exampleService },
      run: (ctx, { query }) => listServices(ctx, query),
    })
  operation(app, {
    method: 'POST',
    path: '/services/',
    who: 'provider|org:admin',
    tag,
    status: 201,
    summary: 'Offer a service',
    description:
      'By a provider, or with `organization_id` by an admin of the organization, whose members are its `staff` and whose rooms its `room_ids`: each appointment takes one master and, where rooms are named, one room. Title, description and price suffice. `payment: online` is refused with CONFLICT where no payment gateway is configured.',
    body: ServiceInput,
    data: Service,
    message: 'Service created successfully',
    errors: ['PERMISSION_DENIED', 'NOT_FOUND', 'CONFLICT'],
    example: { body: exampleInput, data: { ...exampleService, photos: [] } },
    run: (ctx, { body }) => createService(ctx, body),
  })
  operation(app, {
    method: 'GET',
    path: '/services/{id}/',
    who: 'public',
    tag,
    summary: 'One service',
    description: 'The inactive and archived ones are seen by who manages them.',
    params: IdParams,
    data: Service,
    exact: true,
    message: 'Service retrieved successfully',
    errors: ['NOT_FOUND'],
    example: { data: exampleService },
    run: (ctx, { params }) => getService(ctx, params.id),
  })
  operation(app, {
    method: 'PUT',
    path: '/services/{id}/',
    who: 'any',
    tag,
    summary: 'Change a service',
    description:
      'By its owner, an admin of its organization, or an administrator with `service_management` (audited). What is left out stays; what was booked keeps what it froze. Whoever has future bookings of it stays in its `staff`: taking them out is refused with the list; `POST bookings/hand-over/` passes those on.',
    params: IdParams,
    body: ServiceChange,
    data: Service,
    message: 'Service updated successfully',
    errors: ['PERMISSION_DENIED', 'NOT_FOUND', 'CONFLICT'],
    example: {
      body: { price: 90, duration_minutes: 45 },
      data: { ...exampleService, price: 90, duration_minutes: 45 },
    },
    run: (ctx, { params, body }) => updateService(ctx, params.id, body, refuseIfBooked),
  })
  operation(app, {
    method: 'DELETE',
    path: '/services/{id}/',
    who: 'any',
    tag,
    summary: 'Archive a service',
    description: 'Its past bookings stand; with future ones it is refused with their list.',
    params: IdParams,
    data: Nothing,
    message: 'Service deleted successfully',
    errors: ['PERMISSION_DENIED', 'NOT_FOUND', 'CONFLICT'],
    example: { data: null },
    run: async (ctx, { params }) => {
      await archiveService(ctx, params.id, refuseIfBooked)
      return null
    },
  })
  list(app, {
    path: '/categories/',
    who: 'public',
    tag,
    summary: 'Categories of services',
    description: 'With the number of services on offer in each, the fullest first; at most a minute old.',
    query: PageQuery,
    data: Category,
    message: 'Categories retrieved successfully',
    errors: ['NOT_FOUND'],
    example: { data: { name: 'Massage', count: 12 } },
    run: (ctx, { query }) => listCategories(ctx, query),
  })
  photoRoutes(app)
}

function photoRoutes(app: FastifyInstance): void {
  operation(app, {
    method: 'POST',
    path: '/services/{id}/photos/',
    who: 'any',
    tag,
    status: 201,
    summary: 'Add a photo of a service',
    description:
      'The field `photo`: JPEG, PNG or GIF, at most 5 MB, told by its content and encoded anew. It becomes the last of at most 20.',
    params: IdParams,
    files: ['photo'],
    data: Service,
    message: 'Photo added successfully',
    errors: ['PERMISSION_DENIED', 'NOT_FOUND', 'CONFLICT', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'],
    example: { data: exampleService },
    run: (ctx, { params, request }) =>
      addPhoto(ctx, params.id, async () => {
        const file = await request.file({ limits: { fileSize: MAX_PHOTO_BYTES, files: 1 } })
        if (file?.fieldname !== 'photo') throw invalid('photo', 'No file was given', 'required')
        return file.toBuffer()
      }),
  })
  operation(app, {
    method: 'PUT',
    path: '/services/{id}/photos/',
    who: 'any',
    tag,
    summary: 'Order the photos of a service',
    params: IdParams,
    body: PhotoOrder,
    data: Service,
    message: 'Photos ordered successfully',
    errors: ['PERMISSION_DENIED', 'NOT_FOUND'],
    example: { body: { photo_ids: [1] }, data: exampleService },
    run: (ctx, { params, body }) => reorderPhotos(ctx, params.id, body.photo_ids),
  })
  operation(app, {
    method: 'DELETE',
    path: '/services/{id}/photos/{photo_id}/',
    who: 'any',
    tag,
    summary: 'Remove a photo of a service',
    params: PhotoParams,
    data: Service,
    message: 'Photo deleted successfully',
    errors: ['PERMISSION_DENIED', 'NOT_FOUND'],
    example: { data: { ...exampleService, photos: [] } },
    run: (ctx, { params }) => removePhoto(ctx, params.id, params.photo_id),
  })
}
