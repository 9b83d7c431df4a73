import type { Readable } from 'node:stream'
import { actorOf, type Context } from '../../../platform/context.ts'
import { inTransaction, violates } from '../../../platform/db/transaction.ts'
import { AppError, conflict, denied, notFound } from '../../../platform/errors.ts'
import { signLink, verifyLink } from '../../../platform/files/links.ts'
import { writeZip } from '../../../platform/files/zip-write.ts'
import { iso, isoOrNull } from '../../../platform/http/shapes.ts'
import { DEFAULT_LOCALE, isLocale } from '../../../platform/i18n/locales.ts'
import { deliver } from '../../../platform/mail/delivery.ts'
import { render } from '../../../platform/mail/render.ts'
import { uuid7 } from '../../../platform/uuid.ts'
import { notify } from '../../notifications/index.ts'
import {
  deleteExportsOf,
  deleteOld,
  failOld,
  findExport,
  findLatest,
  findProvedMailbox,
  insertExport,
  removeCurrent,
  removeExpired,
  removeOthers,
  setReady,
  wantedKeys,
  type ExportRow,
} from './queries.ts'
import type { ExportStatus, ExportView } from './schema.ts'
import { entriesOf } from './sections.ts'

/** How long an export can be loaded, how often one may be asked for, and when one that was not made is given up. */
const life = Temporal.Duration.from({ hours: 7 * 24 })
const pause = Temporal.Duration.from({ hours: 24 })
const memory = Temporal.Duration.from({ hours: 30 * 24 })
const purpose = 'export'

/** Asks for all that is held of the asker; a job makes it. @throws CONFLICT while one is being made, RATE_LIMITED within a day of the last */
export async function requestExport(ctx: Context): Promise<ExportView> {
  const { userId } = actorOf(ctx)
  const busy = conflict('Your data is being collected already')
  return inTransaction(ctx, async (tx) => {
    const latest = await findLatest(tx, userId)
    if (latest?.status === 'pending') throw busy
    const next = latest && latest.status !== 'failed' ? latest.requested_at.add(pause) : tx.now
    if (Temporal.Instant.compare(tx.now, next) < 0) throw tooSoon(tx, next)
    const key = `${uuid7(tx.now).replaceAll('-', '')}.zip`
    const row = await insertExport(tx, userId, key).catch((error: unknown) => {
      throw violates(error, 'exports_one_at_a_time') ? busy : error
    })
    await tx.house.jobs.enqueue(tx, 'administration.export', { id: row.id })
    return view(tx, row)
  })
}

function tooSoon(ctx: Context, next: Temporal.Instant): AppError {
  const seconds = Math.ceil((next.epochMilliseconds - ctx.now.epochMilliseconds) / 1000)
  return new AppError('RATE_LIMITED', 'Your data can be exported once a day', {
    headers: { 'retry-after': String(seconds) },
  })
}

/** What became of the asker's last request, with a link of five minutes once it is ready. @throws NOT_FOUND where none was made */
export async function getExport(ctx: Context): Promise<ExportView> {
  const row = await findLatest(ctx, actorOf(ctx).userId)
  if (!row) throw notFound('export')
  return view(ctx, row)
}

/** Removes the asker's export at once, or stops its making. @throws NOT_FOUND where there is none */
export async function deleteExport(ctx: Context): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    const keys = await removeCurrent(tx, actorOf(tx).userId)
    if (keys.length === 0) throw notFound('export')
    await removeFiles(tx, keys)
  })
}

/** Makes an export and tells its owner. A job that died on the way begins again and writes the same file anew; one that is no longer wanted leaves nothing. */
export async function makeExport(ctx: Context, id: number): Promise<void> {
  const wanted = await findExport(ctx, id)
  if (wanted?.status !== 'pending') return
  const { key, user_id: userId } = wanted
  const zip = writeZip(entriesOf(ctx, userId), ctx.now)
  const { size } = await ctx.house.files.put('exports', key, zip, { contentType: 'application/zip' })
  const kept = await inTransaction(ctx, async (tx) => {
    if (!(await setReady(tx, id, size, tx.now.add(life)))) return false
    await removeFiles(tx, await removeOthers(tx, userId, id))
    await tx.house.jobs.enqueue(tx, 'administration.mail_export', { id })
    // The mail with the link is another one, for a proved address; whoever has not proved theirs is mailed these words alone.
    const proved = await findProvedMailbox(tx, userId)
    await notify(tx, {
      userId,
      kind: 'data_ready',
      topic: 'security',
      ...(proved ? { mail: false } : {}),
      title: 'Your data is ready',
      body: 'The file with all your data can be downloaded for seven days.',
      target: { kind: 'export', id },
    })
    return true
  })
  if (!kept) await ctx.house.files.delete('exports', key)
}

/** Mails the link to the owner, where their e-mail is proved to be theirs: whoever reads the mail has the data. */
export async function mailExport(ctx: Context, id: number): Promise<void> {
  const row = await findExport(ctx, id)
  if (row?.status !== 'ready' || row.expires_at === null) return
  const mailbox = await findProvedMailbox(ctx, row.user_id)
  if (!mailbox) return
  const locale = mailbox.locale !== null && isLocale(mailbox.locale) ? mailbox.locale : DEFAULT_LOCALE
  const mail = render('export_ready', locale, { link: urlOf(ctx, id, row.expires_at), days: 7 })
  await deliver(ctx, { to: mailbox.email, messageId: `export-${id}-${row.key.slice(0, 20)}`, ...mail })
}

/** Removes what has expired, gives up what was not made within a day, and forgets what is long gone; files that nobody waits for go too. */
export async function cleanExports(ctx: Context): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    await removeFiles(tx, await removeExpired(tx))
    for (const { user_id: userId, key } of await failOld(tx, tx.now.subtract(pause))) {
      await removeFiles(tx, [key])
      await notify(tx, {
        userId,
        kind: 'export_failed',
        title: 'Your data could not be collected',
        body: 'Something went wrong on our side. Please ask for it again.',
      })
    }
    await deleteOld(tx, tx.now.subtract(memory))
  })
  const keys = (await Array.fromAsync(ctx.house.files.list('exports'))).map(({ key }) => key)
  const wanted = await wantedKeys(ctx, keys)
  for (const key of keys) if (!wanted.has(key)) await ctx.house.files.delete('exports', key)
}

/** Hears that an account was erased: its exports hold all of it. */
export async function accountDeleted(ctx: Context, { user_id }: { user_id: number }): Promise<void> {
  await removeFiles(ctx, await deleteExportsOf(ctx, user_id))
}

async function removeFiles(ctx: Context, keys: readonly string[]): Promise<void> {
  for (const key of keys) await ctx.house.jobs.enqueue(ctx, 'administration.remove_export', { key })
}

function urlOf(ctx: Context, id: number, expiresAt: Temporal.Instant): string {
  const token = signLink({ key: String(id), purpose, expiresAt, secret: ctx.house.secrets.key('links') })
  return `${ctx.house.config.PUBLIC_URL}/files/exports/${id}/${token}`
}

/** The ZIP that a link opens. @throws NOT_FOUND for a forged link and for what was removed, PERMISSION_DENIED for an expired one */
export async function openExport(ctx: Context, id: string, token: string): Promise<{ stream: Readable; size: number }> {
  const verdict = verifyLink({ key: id, purpose, token, secrets: ctx.house.secrets.keys('links'), now: ctx.now })
  if (verdict === 'expired') throw denied('The link has expired')
  const row = verdict === 'valid' ? await findExport(ctx, Number(id)) : undefined
  const found = row?.status === 'ready' ? await ctx.house.files.get('exports', row.key) : null
  if (!found) throw notFound('export')
  return found
}

function view(ctx: Context, row: ExportRow): ExportView {
  const isReady =
    row.status === 'ready' && row.expires_at !== null && Temporal.Instant.compare(ctx.now, row.expires_at) < 0
  return {
    id: row.id,
    status: row.status as ExportStatus,
    size: row.size,
    requested_at: iso(row.requested_at),
    finished_at: isoOrNull(row.finished_at),
    expires_at: isoOrNull(row.expires_at),
    download_url: isReady ? urlOf(ctx, row.id, ctx.now.add({ minutes: 5 })) : null,
  }
}
