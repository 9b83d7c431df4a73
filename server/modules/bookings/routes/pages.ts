import type { FastifyInstance } from 'fastify'
import { operation } from '../../../platform/http/operation.ts'
import { Agenda, exampleAgenda, examplePage, PageQuery, PublicPage, SlugParams } from '../schema-pages.ts'
import { getPublicPage } from '../service/public-page.ts'
import { getToday } from '../service/today.ts'

/** Pages that need one call. */
export function pageRoutes(app: FastifyInstance): void {
  operation(app, {
    method: 'GET',
    path: '/agenda/today/',
    who: 'any',
    tag: 'Bookings',
    summary: 'Your bookings today',
    description:
      'Those you have bought and those you serve, by the clock of your profile, in the order of the day. Small and with an ETag, for a phone that may lose its network.',
    data: Agenda,
    message: 'Agenda retrieved successfully',
    example: { data: exampleAgenda },
    run: (ctx) => getToday(ctx),
  })
  operation(app, {
    method: 'GET',
    path: '/public/pages/{slug}/',
    who: 'public',
    tag: 'Public',
    summary: 'The page of a provider or an organization',
    description:
      'Who they are, what they offer (the newest 50 services) and the free starts of the next seven days, with their version: one call for a whole page. Nothing private stands in it. Its last three former slugs lead to it too.',
    params: SlugParams,
    query: PageQuery,
    data: PublicPage,
    message: 'Page retrieved successfully',
    example: { data: examplePage },
    run: (ctx, { params, query }) => getPublicPage(ctx, params.slug, query),
  })
}
