import type { Context } from '../../../platform/context.ts'
import { findObjects } from '../../calendars/index.ts'
import type { Reply } from '../methods/call.ts'
import { xmlReply } from '../methods/call.ts'
import { multistatus, statusFor } from '../multistatus.ts'
import { targetOf } from '../paths.ts'
import { actorOf } from '../../../platform/context.ts'
import { requireRead } from '../resources.ts'
import { children, textOf } from '../xml/read.ts'
import { dav } from '../xml/write.ts'
import { responsesFor, type Asked } from './asked.ts'

/** calendar-multiget (RFC 4791 7.9): events by their addresses; 404 for each that is not there, or elsewhere. */
export async function calendarMultiget(ctx: Context, asked: Asked): Promise<Reply> {
  const { root, collection, name } = asked
  requireRead(collection)
  const { userId } = actorOf(ctx)
  const wanted = new Map<string, string>()
  const elsewhere: string[] = []
  for (const address of new Set(children(root, dav, 'href').map(textOf))) {
    const target = targetOf(ctx, address)
    const isHere =
      target?.kind === 'object' && target.user === String(userId) && [name, idOf(asked)].includes(target.collection)
    if (isHere) wanted.set(target.name, address)
    else elsewhere.push(address)
  }
  const heads = await findObjects(ctx, collection, [...wanted.keys()])
  const found = new Set(heads.map((head) => head.name))
  const missing = [...wanted].filter(([one]) => !found.has(one)).map(([, address]) => address)
  const responses = await responsesFor(ctx, asked, heads)
  return xmlReply(multistatus([...responses, ...[...missing, ...elsewhere].map((address) => statusFor(address, 404))]))
}

const idOf = ({ collection, name }: Asked): string => (collection === 'invitations' ? name : collection.id)
