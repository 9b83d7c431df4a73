export { exportOf } from './export.ts'
export { jobs } from './jobs.ts'
export { routes } from './routes.ts'
export { discardPhoto, getPhoto, keepPhoto, photoFile, photoUrl, storePhoto } from './service.ts'
export {
  attachmentsOf,
  discardUnused,
  maxAttachmentBytes,
  prepareAttachment,
  releaseAttachments,
  storeAttachment,
  takeAttachments,
  type PreparedFile,
} from './attachments.ts'
export { Attachment, AttachmentIds, exampleAttachment, type AttachmentView } from './schema.ts'
