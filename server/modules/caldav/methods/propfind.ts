import type { Context } from '../../../platform/context.ts'
import { invalid } from '../../../platform/errors.ts'
import { multistatus, responseFor, wantedOf } from '../multistatus.ts'
import { refuse } from '../refuse.ts'
import { membersOf, resourceAt } from '../resources.ts'
import { is } from '../xml/read.ts'
import { dav } from '../xml/write.ts'
import { xmlReply, type Call, type Reply } from './call.ts'

/** PROPFIND (RFC 4918 9.1): properties of a resource, with depth 1 of what stands in it too. @throws PERMISSION_DENIED for any other depth */
export async function propfind(ctx: Context, { target, header, xml }: Call): Promise<Reply> {
  const depth = header('depth') ?? 'infinity'
  if (depth !== '0' && depth !== '1') throw refuse('propfind-finite-depth')
  const root = xml()
  if (root && !is(root, dav, 'propfind')) throw invalid('body', 'The body cannot be read')
  const wanted = wantedOf(root)
  const minimal = /\breturn=minimal\b/.test(header('prefer') ?? '')
  const resource = await resourceAt(ctx, target)
  const all = depth === '1' ? [resource, ...(await membersOf(ctx, resource))] : [resource]
  return xmlReply(multistatus(all.map((one) => responseFor(ctx, one, wanted, { minimal }))))
}
