import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { MAX_PHOTO_BYTES } from '../../../platform/files/images.ts'
import { operation } from '../../../platform/http/operation.ts'
import { Nothing } from '../../../platform/http/shapes.ts'
import { receiveFile, receivedFile } from '../../../platform/http/upload.ts'
import { changePhoto, getOwnPhoto, removePhoto } from '../service/photo.ts'

const tag = 'Profile'
const Size = Type.Object({ url: Type.String(), width: Type.Integer(), height: Type.Integer() })
const Photo = Type.Object(
  { url: Type.String(), sizes: Type.Object({ large: Size, medium: Size, small: Size }) },
  { title: 'ProfilePhoto' },
)
const at = (size: string): string => `http://localhost:8000/files/photos/${size}/019bb2e8c000a1b2c3d4e5f60718293a.jpg`
const example = {
  data: {
    url: at('large'),
    sizes: {
      large: { url: at('large'), width: 1024, height: 768 },
      medium: { url: at('medium'), width: 256, height: 256 },
      small: { url: at('small'), width: 64, height: 64 },
    },
  },
}

/** One's own profile photo. The photos themselves are served by `files`, at addresses that nobody guesses. */
export function photoRoutes(app: FastifyInstance): void {
  operation(app, {
    method: 'POST',
    path: '/files/profile-photo/upload/',
    who: 'any',
    tag,
    status: 201,
    summary: 'Upload your profile photo',
    description:
      'The field `photo`: JPEG, PNG or GIF, at most 5 MB, told by its content. It is encoded anew, without metadata, in three sizes, and takes the place of the old one.',
    files: ['photo'],
    data: Photo,
    message: 'Profile photo uploaded successfully',
    errors: ['PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'],
    example,
    guard: (_ctx, { request }) => receiveFile(request, 'photo', MAX_PHOTO_BYTES),
    run: (ctx, { request }) => changePhoto(ctx, receivedFile(request)),
  })
  operation(app, {
    method: 'GET',
    path: '/files/profile-photo/',
    who: 'any',
    tag,
    summary: 'Your profile photo',
    description: 'The addresses need no token and do not change as long as the photo does not.',
    data: Photo,
    message: 'Profile photo retrieved successfully',
    errors: ['NOT_FOUND'],
    example,
    run: getOwnPhoto,
  })
  operation(app, {
    method: 'DELETE',
    path: '/files/profile-photo/delete/',
    who: 'any',
    tag,
    summary: 'Remove your profile photo',
    data: Nothing,
    message: 'Profile photo deleted successfully',
    errors: ['NOT_FOUND'],
    example: { data: null },
    run: async (ctx) => {
      await removePhoto(ctx)
      return null
    },
  })
}
