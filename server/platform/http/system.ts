import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { notFound, rateLimited } from '../errors.ts'
import type { House } from '../house.ts'
import { outsideStates, soon } from '../outside.ts'
import { createLimits, memoryStore, networkOf } from '../limits.ts'
import { operation } from './operation.ts'

const State = Type.Object({
  status: Type.Union([Type.Literal('ok'), Type.Literal('down'), Type.Literal('off')]),
  detail: Type.Optional(Type.String()),
})
const Health = Type.Object(
  {
    status: Type.Union([Type.Literal('ok'), Type.Literal('degraded')]),
    version: Type.String(),
    time: Type.String({ format: 'date-time' }),
    dependencies: Type.Record(Type.String(), State),
  },
  { title: 'Health' },
)

const within = (ms: number, work: Promise<unknown>): Promise<{ status: 'ok' | 'down' }> =>
  soon<{ status: 'ok' | 'down' }>(
    ms,
    work.then(
      () => ({ status: 'ok' }),
      () => ({ status: 'down' }),
    ),
    { status: 'down' },
  )

type DependencyState = { status: 'ok' | 'down' | 'off'; detail?: string }
/** Dependencies by name; one that asks the database itself sees to it that it answers soon. */
type Others = Readonly<Record<string, () => DependencyState | Promise<DependencyState>>>

/** What `addWatchRoutes` adds, the way from `/` to the documentation, and in development the outbox at `/dev/mail`. */
export function addSystemRoutes(app: FastifyInstance, house: House, version: string, others: Others = {}): void {
  addWatchRoutes(app, house, version, others)
  app.get('/', async (_request, reply) => reply.redirect('/docs/'))
  if (house.config.ENVIRONMENT === 'development') addOutbox(app, house)
}

/** `health/` with the state of each dependency, `health/live/` which depends on nothing, and `/metrics`: all that a process of `worker` answers. */
export function addWatchRoutes(app: FastifyInstance, house: House, version: string, others: Others): void {
  const asked = createLimits(memoryStore())
  operation(app, {
    method: 'GET',
    path: '/health/',
    who: 'public',
    tag: 'System',
    limit: 'none',
    summary: 'Liveness and the state of each dependency',
    description:
      'Answers 200 also while a dependency is down (asked too often, 429); `status` is then `degraded` and the dependency is named.',
    data: Health,
    message: 'Health retrieved successfully',
    errors: ['RATE_LIMITED'],
    example: {
      data: {
        status: 'ok',
        version: '0.1.0',
        time: '2026-01-15T14:00:00Z',
        dependencies: { database: { status: 'ok' } },
      },
    },
    run: async (ctx, { request }) => {
      // Counted by this process alone, since it must answer while everything else is down.
      const wait = await asked.take(`health:${networkOf(request.ip)}`, house.config.RATE_LIMIT_PER_MINUTE, ctx.now)
      if (wait !== null) throw rateLimited(wait)
      const [database, files, outside, modules] = await Promise.all([
        within(2000, house.pool.query('SELECT 1')),
        within(2000, house.files.check()),
        outsideStates(house),
        Promise.all(Object.entries(others).map(async ([name, state]) => [name, await state()] as const)),
      ])
      const dependencies = { database, files, ...outside, ...Object.fromEntries(modules) }
      const healthy = Object.values(dependencies).every(({ status }) => status !== 'down')
      return {
        status: healthy ? ('ok' as const) : ('degraded' as const),
        version,
        time: ctx.now.toString(),
        dependencies,
      }
    },
  })
  operation(app, {
    method: 'GET',
    path: '/health/live/',
    who: 'public',
    tag: 'System',
    limit: 'none',
    summary: 'Is the process alive?',
    description: 'Depends on nothing, not even the database: for the one who restarts processes.',
    data: Type.Object({ status: Type.Literal('ok') }),
    message: 'Alive',
    example: { data: { status: 'ok' } },
    run: async () => ({ status: 'ok' as const }),
  })
  app.get('/metrics', async (request, reply) => {
    if (!maySeeMetrics(request, house.config.METRICS_TOKEN)) throw notFound('page')
    return reply.type(house.metrics.registry.contentType).send(await house.metrics.registry.metrics())
  })
}

/** Where so many bytes are compared, the time says nothing of how many were right. */
const sameText = (a: string, b: string): boolean => {
  return timingSafeEqual(digest(a), digest(b))
}
const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** With a token set, whoever brings it; else only this machine itself, and not what a proxy on it passes on. Everybody else is told that there is no such page. */
function maySeeMetrics({ headers, ip, socket }: FastifyRequest, token: string | null): boolean {
  if (token !== null) return sameText(headers.authorization ?? '', `Bearer ${token}`)
  const isForwarded = ['x-forwarded-for', 'x-forwarded-proto', 'x-real-ip', 'forwarded', 'via'].some(
    (name) => name in headers,
  )
  return !isForwarded && isLoopback(ip) && isLoopback(socket.remoteAddress ?? '')
}
const isLoopback = (address: string): boolean => address === '::1' || networkOf(address).startsWith('127.')

const escape = (text: string): string => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)

/** The mails that were not sent because no SMTP server is set; newest first. */
function addOutbox(app: FastifyInstance, house: House): void {
  app.get('/dev/mail', async (_request, reply) => {
    const mails = await house.db.selectFrom('mail_outbox').selectAll().orderBy('id', 'desc').limit(100).execute()
    const rows = mails.map(
      (mail) =>
        `<article><h2>${escape(mail.subject)}</h2><p>${escape(mail.recipient)} · ${mail.at.toString()}</p><pre>${escape(mail.text)}</pre></article>`,
    )
    const page = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Outbox</title></head><body><h1>Outbox</h1>${rows.join('') || '<p>No mail yet.</p>'}</body></html>`
    return reply.type('text/html; charset=utf-8').send(page)
  })
}
