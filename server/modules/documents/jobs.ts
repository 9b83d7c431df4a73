import type { JobDefinition, Listener } from '../../platform/jobs/jobs.ts'
import { releaseAttachments } from '../files/index.ts'
import { setVerified } from '../accounts/index.ts'
import { tellInfected, tellReviewers } from './notices.ts'
import { deleteDocumentsOf, findDocument, findOver, lockDocumentsOf, updateDocument } from './queries.ts'
import { expireDocument, fileKind, removeDocument, todayOf } from './service.ts'

declare module '../../platform/jobs/jobs.ts' {
  interface JobData {
    'documents.expire': Record<string, never>
  }
}

/** A document whose file has been scanned at last goes to the reviewers. */
export const fileScanned: Listener<'file.scanned'> = async (ctx, { target_kind, target_id, owner_id }) => {
  if (target_kind !== fileKind) return
  const id = Number(target_id)
  await lockDocumentsOf(ctx, owner_id)
  const row = await findDocument(ctx, id)
  if (row?.status !== 'pending_scan') return
  await updateDocument(ctx, id, { status: 'pending' })
  await tellReviewers(ctx, row)
}

/** A document whose file was infected goes with it; whoever uploaded the file, for whatever, is told. */
export const fileInfected: Listener<'file.infected'> = async (ctx, { owner_id, name, target_kind, target_id }) => {
  if (target_kind === fileKind) {
    await lockDocumentsOf(ctx, owner_id)
    await removeDocument(ctx, Number(target_id), owner_id)
  }
  await tellInfected(ctx, owner_id, name)
}

/** The papers of an erased account are personal, each of them. */
export const accountDeleted: Listener<'account.deleted'> = async (ctx, { user_id }) => {
  const ids = await deleteDocumentsOf(ctx, user_id)
  await releaseAttachments(ctx, fileKind, ids.map(String))
  await setVerified(ctx, user_id, false)
}

const batch = 200

export const jobs: { 'documents.expire': JobDefinition<'documents.expire'> } = {
  'documents.expire': {
    // Every hour: midnight of TIME_ZONE may fall on any quarter of one, and a missed run is made up for soon.
    cron: '5 * * * *',
    handle: async (ctx) => {
      for (let found = batch; found === batch;) {
        const over = await findOver(ctx, todayOf(ctx), batch)
        for (const { id, owner_id } of over) await expireDocument(ctx, id, owner_id)
        found = over.length
      }
    },
  },
}
