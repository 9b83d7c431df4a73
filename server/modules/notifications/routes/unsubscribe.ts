import type { FastifyInstance, FastifyReply } from 'fastify'
import { sendPage, type Say } from '../../../platform/http/plain-page.ts'
import { contextOf } from '../../../platform/http/request.ts'
import { readUnsubscribe, unsubscribe } from '../service/unsubscribe.ts'
import { topics } from '../topics.ts'

type Asked = { Querystring: { token?: string } }

/** The forms in which mail programs send `List-Unsubscribe=One-Click` (RFC 8058 section 3.1), and browsers a button; what is in them does not matter. */
const form = 'application/x-www-form-urlencoded'

const tokenOf = ({ token }: { token?: unknown }): string => (typeof token === 'string' ? token : '')

const wrong = (reply: FastifyReply): FastifyReply =>
  sendPage(
    reply.code(404),
    contextOf(reply.request).locale,
    (say) => `<h1>${say('The link is wrong or has expired')}</h1>`,
  )

/**
 * The link at the end of mails that are not essential. Opening it changes nothing, since programs open links beforehand to look at them; the button posts, and so
 * does a mail program by itself (RFC 8058), without signing in.
 */
export function unsubscribeRoutes(app: FastifyInstance): void {
  void app.register(async (scope) => {
    scope.addContentTypeParser(form, { parseAs: 'string', bodyLimit: 4096 }, (_request, _body, done) => done(null, {}))
    scope.get<Asked>('/unsubscribe/', async (request, reply) => {
      const ctx = contextOf(request)
      const named = readUnsubscribe(ctx, tokenOf(request.query))
      if (!named) return wrong(reply)
      const page = (say: Say): string => `<h1>${say('No more mails about this')}</h1>
<p>${say(topics[named.topic].name)}: ${say(topics[named.topic].description)}</p>
<form method="post"><button>${say('Unsubscribe')}</button></form>`
      return sendPage(reply, ctx.locale, page)
    })
    scope.post<Asked>('/unsubscribe/', async (request, reply) => {
      const ctx = contextOf(request)
      const name = await unsubscribe(ctx, tokenOf(request.query))
      if (name === null) return wrong(reply)
      const page = (say: Say): string => `<h1>${say('You get no more mails about this')}</h1>
<p>${say(name)}</p><p>${say('You can change this among your preferences.')}</p>`
      return sendPage(reply, ctx.locale, page)
    })
  })
}
