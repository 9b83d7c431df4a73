import type { Context } from '../../platform/context.ts'
import { inTransaction } from '../../platform/db/transaction.ts'
import { CircuitOpen } from '../../platform/circuit.ts'
import type { Verdict } from '../../platform/files/clamd.ts'
import { errorFields } from '../../platform/log.ts'
import { deleteAttachment, pendingAfter, setScan, type AttachmentRow, type Scan } from './attachment-queries.ts'
import { removeBytes } from './attachments.ts'

declare module '../../platform/jobs/jobs.ts' {
  interface DomainEvents {
    /** A file that had waited for the scanner may be used now. */
    'file.scanned': { id: number; owner_id: number; target_kind: string | null; target_id: string | null }
    /** A file that had waited for the scanner was infected, and is gone. */
    'file.infected': { owner_id: number; name: string; target_kind: string | null; target_id: string | null }
  }
}

/** What the scanner says of an upload before it is kept: `infected`, or the state that its row will have. */
export async function scanUpload(ctx: Context, bytes: AsyncIterable<Uint8Array>): Promise<Scan | 'infected'> {
  if (ctx.house.scanner === null) return 'unscanned'
  try {
    const verdict = await ctx.house.scanner.scan(bytes)
    if (!verdict.infected) return 'clean'
    ctx.log.warn({ virus: verdict.what, actor: ctx.actor?.userId }, 'an infected upload was refused')
    return 'infected'
  } catch (error) {
    ctx.log.warn(errorFields(error), 'an upload could not be scanned and waits')
    return 'pending'
  }
}

/** Scans what waits, in the order in which it came; stops while the scanner rests. What has no scanner any more waits no longer. Run every minute. */
export async function scanPending(ctx: Context): Promise<void> {
  for (let after = 0; ;) {
    const rows = await pendingAfter(ctx, after, 50)
    for (const row of rows) {
      try {
        await scanRow(ctx, row)
      } catch (error) {
        if (error instanceof CircuitOpen) return
        ctx.log.warn({ file: row.id, ...errorFields(error) }, 'a file could not be scanned and still waits')
      }
    }
    if (rows.length < 50) return
    after = rows.at(-1)!.id
  }
}

async function scanRow(ctx: Context, row: AttachmentRow): Promise<void> {
  const { scanner, files } = ctx.house
  const clean: Verdict = { infected: false }
  const found = scanner ? await files.get('attachments', row.key) : null
  // Without bytes there is nothing to infect anybody with.
  const verdict = scanner && found ? await scanner.scan(found.stream).finally(() => found.stream.destroy()) : clean
  await inTransaction(ctx, async (tx) => {
    if (!verdict.infected) {
      const done = await setScan(tx, row.id, scanner ? 'clean' : 'unscanned')
      const { id, owner_id, target_kind, target_id } = done ?? row
      if (done) await tx.house.jobs.publish(tx, 'file.scanned', { id, owner_id, target_kind, target_id })
      return
    }
    const gone = await deleteAttachment(tx, row.id)
    if (!gone) return
    tx.log.warn({ virus: verdict.what, owner: gone.owner_id, file: gone.id }, 'an infected file was removed')
    await removeBytes(tx, [gone.key])
    const { owner_id, name, target_kind, target_id } = gone
    await tx.house.jobs.publish(tx, 'file.infected', { owner_id, name, target_kind, target_id })
  })
}
