import { actorOf, type Context } from '../../../platform/context.ts'
import { inTransaction } from '../../../platform/db/transaction.ts'
import { notFound } from '../../../platform/errors.ts'
import { discardPhoto, getPhoto, keepPhoto, storePhoto } from '../../files/index.ts'
import { lockAccount, setPhoto } from '../queries/changes.ts'
import { findUser } from '../queries/people.ts'

/** One's own photo with its sizes. @throws NOT_FOUND where there is none */
export async function getOwnPhoto(ctx: Context) {
  const key = (await findUser(ctx, actorOf(ctx).userId))?.photo_key
  if (!key) throw notFound('photo')
  return getPhoto(ctx, key)
}

/** Puts a new photo in the place of the old one, whose files a job removes. @throws as `storePhoto` */
export async function changePhoto(ctx: Context, upload: Uint8Array) {
  const { userId } = actorOf(ctx)
  const photo = await storePhoto(ctx, upload)
  return inTransaction(ctx, async (tx) => {
    const account = await lockAccount(tx, userId)
    if (!account) throw notFound('user')
    await keepPhoto(tx, photo)
    await setPhoto(tx, userId, photo.key)
    if (account.photo_key !== null) await discardPhoto(tx, account.photo_key)
    return getPhoto(tx, photo.key)
  })
}

/** Removes one's own photo. @throws NOT_FOUND where there is none */
export async function removePhoto(ctx: Context): Promise<void> {
  const { userId } = actorOf(ctx)
  await inTransaction(ctx, async (tx) => {
    const account = await lockAccount(tx, userId)
    if (!account?.photo_key) throw notFound('photo')
    await setPhoto(tx, userId, null)
    await discardPhoto(tx, account.photo_key)
  })
}
