import { audit } from '../../../platform/audit.ts'
import { actorOf, isAdministrative, type Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { notFound } from '../../../platform/errors.ts'
import { sendMail } from '../../../platform/mail/delivery.ts'
import { discardPhoto, discardUnused } from '../../files/index.ts'
import { erase, lockAccount } from '../queries/changes.ts'
import { deleteCodes } from '../queries/codes.ts'
import { localeOr } from '../rules.ts'
import { proveAgain, requireOpenSession } from './passwords.ts'
import { keepASuperAdmin } from './permissions.ts'
import { endSessions } from './sign-in.ts'

/** Deletes one's own account. @throws as `proveAgain`, and CONFLICT for the last super admin */
export async function deleteOwnAccount(ctx: Context, password: string | undefined): Promise<void> {
  const actor = actorOf(ctx)
  await proveAgain(ctx, password, 'password')
  await inTransaction(ctx, async (tx) => {
    if (actor.role === 'super_admin') await keepASuperAdmin(tx, actor.userId)
    if (!(await lockAccount(tx, actor.userId))) throw notFound('user')
    await requireOpenSession(tx)
    if (isAdministrative(actor.role))
      await audit(tx, { action: 'profile.delete', target: { kind: 'user', id: actor.userId } })
    await eraseAccount(tx, actor.userId)
  })
}

/**
 * Erases an account (SPEC section 3): what is personal goes, the sessions end, the photo's file is removed, the e-mail is free again, and the person is told
 * by a last mail. The row stays without a name. Other modules hear `account.deleted`. Who may do it, and that a super admin remains, is the caller's to see to.
 * @throws NOT_FOUND
 */
export async function eraseAccount(ctx: Context, userId: number): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    const account = await lockAccount(tx, userId)
    if (!account) throw notFound('user')
    await sendMail(tx, {
      to: account.email,
      locale: localeOr(account.locale, tx.locale),
      template: 'account_deleted',
      params: {},
    })
    await endSessions(tx, userId)
    if (account.photo_key !== null) await discardPhoto(tx, account.photo_key)
    await discardUnused(tx, userId)
    await deleteCodes(tx, userId)
    await erase(tx, userId)
    await tx.house.jobs.publish(tx, 'account.deleted', { user_id: userId })
  })
}
