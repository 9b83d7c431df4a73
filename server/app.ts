import type { FastifyInstance } from 'fastify'
import * as accounts from './modules/accounts/index.ts'
import * as administration from './modules/administration/index.ts'
import * as backups from './modules/backups/index.ts'
import * as bookings from './modules/bookings/index.ts'
import * as caldav from './modules/caldav/index.ts'
import * as calendars from './modules/calendars/index.ts'
import * as catalog from './modules/catalog/index.ts'
import * as chat from './modules/chat/index.ts'
import * as documents from './modules/documents/index.ts'
import * as files from './modules/files/index.ts'
import * as google from './modules/google/index.ts'
import * as insights from './modules/insights/index.ts'
import * as notifications from './modules/notifications/index.ts'
import * as organizations from './modules/organizations/index.ts'
import * as payments from './modules/payments/index.ts'
import * as reviews from './modules/reviews/index.ts'
import * as scheduling from './modules/scheduling/index.ts'
import * as rooms from './modules/rooms/index.ts'
import * as tickets from './modules/tickets/index.ts'
import * as webhooks from './modules/webhooks/index.ts'
import { eraseAudit } from './platform/audit.ts'
import type { Config } from './platform/config.ts'
import { asNobody, type Context } from './platform/context.ts'
import { createDatabase, createPool } from './platform/db/database.ts'
import { createClamd } from './platform/files/clamd.ts'
import { openDecoder } from './platform/files/images.ts'
import { openFileStore } from './platform/files/open.ts'
import type { House } from './platform/house.ts'
import { addPages } from './platform/http/pages.ts'
import { refuseOtherMethods } from './platform/http/answers.ts'
import { createServer } from './platform/http/server.ts'
import { compileValidators } from './platform/http/validation.ts'
import { createJobs, type JobDefinitions, type Jobs, type Listeners } from './platform/jobs/jobs.ts'
import { createLimits, postgresStore } from './platform/limits.ts'
import type { Logger } from './platform/log.ts'
import { createMailer, mailJobs } from './platform/mail/delivery.ts'
import { createMetrics } from './platform/metrics.ts'
import { measureOutside } from './platform/outside.ts'
import { createPusher } from './platform/push/pusher.ts'
import { createRealtime } from './platform/realtime.ts'
import { openRedisParts } from './platform/redis/index.ts'
import { createSecrets } from './platform/secrets.ts'
import { addSocket } from './platform/socket/door.ts'
import { addTicketRoute } from './platform/socket/ticket.ts'
import { eraseStream } from './platform/streams.ts'
import { addSystemRoutes, addWatchRoutes } from './platform/http/system.ts'
import { platformJobs } from './platform/jobs/platform-jobs.ts'
import { version } from './platform/version.ts'

export { version }

const membership = {
  shape: organizations.Membership,
  example: organizations.exampleMembership,
  of: organizations.membershipToShow,
}

/**
 * The one ordered list of modules (HOUSE section 2): a module imports only modules to its left. What is not built yet is not on it.
 */
const modules: { name: string; routes: (app: FastifyInstance) => void }[] = [
  { name: 'files', routes: files.routes },
  { name: 'accounts', routes: (app) => accounts.routes(app, membership) },
  { name: 'notifications', routes: notifications.routes },
  {
    name: 'organizations',
    routes: (app) =>
      organizations.routes(
        app,
        async (ctx, organizationId) => {
          await bookings.refuseIfBooked(ctx, { organizationId })
          await rooms.refuseIfTaken(ctx, organizationId)
        },
        bookings.refuseIfGiving,
      ),
  },
  { name: 'scheduling', routes: (app) => scheduling.routes(app, bookings.bookingsOfSessions) },
  { name: 'rooms', routes: rooms.routes },
  {
    name: 'catalog',
    routes: (app) =>
      catalog.routes(app, (ctx, serviceId, givenBy) => bookings.refuseIfBooked(ctx, { serviceId, givenBy })),
  },
  { name: 'calendars', routes: (app) => calendars.routes(app, bookings.bookingsToShow) },
  { name: 'payments', routes: (app) => payments.routes(app, bookings.isBuyer, bookings.needsMethod) },
  { name: 'chat', routes: chat.routes },
  { name: 'documents', routes: documents.routes },
  { name: 'bookings', routes: bookings.routes },
  { name: 'tickets', routes: tickets.routes },
  { name: 'reviews', routes: reviews.routes },
  { name: 'webhooks', routes: webhooks.routes },
  { name: 'google', routes: google.routes },
  { name: 'caldav', routes: caldav.routes },
  { name: 'insights', routes: insights.routes },
  { name: 'backups', routes: backups.routes },
  { name: 'administration', routes: administration.routes },
]

/** Who hears which event; webhooks beside these whatever they have a source for. */
const listeners: Listeners = webhooks.hearingBeside({
  'account.registered': {
    'accounts.confirmEmail': accounts.confirmEmail,
    'notifications.welcome': notifications.welcome,
    'catalog.accountChanged': catalog.accountChanged,
  },
  'account.changed': {
    'catalog.accountChanged': catalog.accountChanged,
    'calendars.accountChanged': calendars.accountChanged,
  },
  'account.deleted': {
    'platform.eraseStream': eraseStream,
    'platform.eraseAudit': eraseAudit,
    'notifications.accountDeleted': notifications.accountDeleted,
    'organizations.accountDeleted': organizations.accountDeleted,
    'catalog.accountChanged': catalog.accountChanged,
    'payments.accountDeleted': payments.accountDeleted,
    'chat.accountDeleted': chat.accountDeleted,
    'bookings.accountDeleted': bookings.accountDeleted,
    'calendars.accountDeleted': calendars.accountDeleted,
    'caldav.accountDeleted': caldav.accountDeleted,
    'documents.accountDeleted': documents.accountDeleted,
    'administration.accountDeleted': administration.accountDeleted,
    'tickets.accountDeleted': tickets.accountDeleted,
    'reviews.accountDeleted': reviews.accountDeleted,
    'webhooks.accountDeleted': webhooks.accountDeleted,
    'google.accountDeleted': google.accountDeleted,
  },
  'notification.created': { 'notifications.announce': notifications.announce },
  'file.scanned': { 'documents.fileScanned': documents.fileScanned },
  'file.infected': { 'documents.fileInfected': documents.fileInfected },
  'organization.changed': { 'catalog.organizationChanged': catalog.organizationChanged },
  'organization.archived': {
    'catalog.organizationChanged': catalog.organizationChanged,
    'bookings.organizationArchived': bookings.organizationArchived,
    'calendars.organizationArchived': calendars.organizationArchived,
    'webhooks.organizationArchived': webhooks.organizationArchived,
  },
  'membership.ended': {
    'bookings.membershipEnded': bookings.membershipEnded,
    'catalog.membershipEnded': catalog.membershipEnded,
    'tickets.membershipEnded': tickets.membershipEnded,
    'calendars.membershipEnded': calendars.membershipEnded,
  },
  'event.created': { 'calendars.planReminders': calendars.planReminders },
  'event.changed': { 'calendars.planReminders': calendars.planReminders },
  'claim.expired': { 'bookings.claimExpired': bookings.claimExpired },
  'service.archived': { 'bookings.serviceArchived': bookings.serviceArchived },
  'service.opened': { 'bookings.offerService': bookings.offerService },
  'time.opened': { 'bookings.offerOpened': bookings.offerOpened },
  'booking.created': {
    'bookings.tellCreated': bookings.tellCreated,
    'google.bookingChanged': google.bookingChanged,
  },
  'booking.confirmed': {
    'bookings.tellConfirmed': bookings.tellConfirmed,
    'google.bookingChanged': google.bookingChanged,
  },
  'booking.rescheduled': {
    'bookings.tellRescheduled': bookings.tellRescheduled,
    'bookings.offerMoved': bookings.offerMoved,
    'google.bookingChanged': google.bookingChanged,
  },
  'booking.proposed': { 'bookings.tellProposed': bookings.tellProposed },
  'booking.cancelled': {
    'bookings.tellCancelled': bookings.tellCancelled,
    'bookings.offerCancelled': bookings.offerCancelled,
    'payments.releaseCancelled': payments.releaseCancelled,
    'google.bookingChanged': google.bookingChanged,
  },
  'booking_series.created': { 'bookings.tellSeriesCreated': bookings.tellSeriesCreated },
  'booking_series.confirmed': { 'bookings.tellSeriesConfirmed': bookings.tellSeriesConfirmed },
  'booking_series.moved': { 'bookings.tellSeriesMoved': bookings.tellSeriesMoved },
  'booking_series.reassigned': { 'bookings.tellSeriesReassigned': bookings.tellSeriesReassigned },
  'booking_series.cancelled': { 'bookings.tellSeriesCancelled': bookings.tellSeriesCancelled },
  'booking.completed': {
    'bookings.tellCompleted': bookings.tellCompleted,
    'payments.release': payments.release,
    'reviews.inviteLater': reviews.inviteLater,
  },
  'booking.no_show': {
    'bookings.tellNoShow': bookings.tellNoShow,
    'payments.release': payments.release,
  },
  'payment.succeeded': {
    'bookings.paymentSucceeded': bookings.paymentSucceeded,
    'payments.issueReceipts': payments.issueReceipts,
  },
  'payment.refunded': { 'payments.issueReceipts': payments.issueReceipts },
})

/** Who does which job. */
const jobs: JobDefinitions = {
  ...platformJobs,
  ...mailJobs,
  ...files.jobs,
  ...accounts.jobs,
  ...notifications.jobs,
  ...organizations.jobs,
  ...scheduling.jobs,
  ...calendars.jobs,
  ...payments.jobs,
  ...chat.jobs,
  ...documents.jobs,
  ...bookings.jobs,
  ...backups.jobs,
  ...administration.jobs,
  ...tickets.jobs,
  ...reviews.jobs,
  ...webhooks.jobs,
  ...google.jobs,
  ...insights.jobs,
}

export type Parts = { config: Config; databaseUrl: string; log: Logger; clock: () => Temporal.Instant }
export type App = {
  house: House
  http: FastifyInstance
  contextFor: (name: string) => Context
  /** A server with health and metrics alone, which a process that works on jobs can listen with. */
  watch: () => Promise<FastifyInstance>
  stop: () => Promise<void>
}

/** Loads and compiles, between requests, what the start leaves for the first use. @throws of a shape that is none, or of a library that this machine lacks */
export async function warm(): Promise<void> {
  await compileValidators()
  await openDecoder()
  await payments.openPrinter()
}

/** Puts the house together: every part once, every module in its order. Nothing runs yet. */
export async function createApp({ config, databaseUrl, log, clock }: Parts): Promise<App> {
  const pool = createPool({ url: databaseUrl, size: config.DATABASE_POOL_SIZE, log })
  const db = createDatabase(pool)
  const house = { config, pool, db, log, clock } as House
  const contextFor = (name: string): Context => ({ ...asNobody(house), log: log.child({ job: name }) })
  const made: Jobs = createJobs({
    pool,
    log,
    timeZone: config.TIME_ZONE,
    listeners,
    definitions: jobs,
    makeContext: contextFor,
    // A hold runs out meanwhile: what was paid does not wait for a worker.
    isUrgent: (listener) => listener === 'bookings.paymentSucceeded',
    // Without Google there is nothing to write of a booking: then none costs a job for it.
    isDeaf: (listener) =>
      (listener === 'google.bookingChanged' && !google.isOn(config)) ||
      (listener === 'webhooks.record' && webhooks.isUnused(house)),
    leftUnheard: async (ctx, listener, name, events) => {
      if (listener === 'webhooks.record') await webhooks.leaveUnrecorded(ctx, name as never, events)
    },
  })
  const metrics = createMetrics(pool, made.counts)
  const redis = await openRedisParts(config, db, log, metrics.registry)
  Object.assign(house, {
    secrets: createSecrets(config.SECRET_KEY, config.SECRET_KEY_PREVIOUS),
    scanner:
      config.CLAMD_HOST === null ? null : createClamd({ host: config.CLAMD_HOST, port: config.CLAMD_PORT, now: clock }),
    files: await openFileStore(config, log, clock),
    mailer: await createMailer(config, db, clock),
    pusher: await createPusher(config, clock),
    jobs: made,
    limits: createLimits(redis?.limits ?? postgresStore(db)),
    metrics,
    realtime: redis?.realtime ?? createRealtime(databaseUrl, db, log),
  } satisfies Partial<House>)
  await payments.openGateway(house)
  const { authenticate, recallActor: recall } = accounts
  const people = { authenticate, recall, belongs: organizations.belongs }
  const http = await createServer(house, people)
  const others = {
    payments: () => payments.gatewayState(house),
    google: () => google.googleState(house),
    backups: () => backups.backupState(house),
    scanner: () => house.scanner?.state() ?? { status: 'off' as const },
    listener: house.realtime.state,
    redis: () => redis?.state() ?? { status: 'off' as const },
  }
  addSystemRoutes(http, house, version, others)
  addTicketRoute(http, accounts.socketAccounts)
  addSocket(http, house, accounts.socketAccounts)
  payments.measureGateway(house)
  measureOutside(house)
  backups.measureBackups(house)
  webhooks.measureWebhooks(house)
  for (const module of modules) module.routes(http)
  refuseOtherMethods(http)
  await addPages(http, version, config.PUBLIC_URL)
  let watching: FastifyInstance | null = null
  const watch = async (): Promise<FastifyInstance> => {
    watching = await createServer(house, people)
    addWatchRoutes(watching, house, version, others)
    refuseOtherMethods(watching)
    return watching
  }
  const stop = async (): Promise<void> => {
    await http.close()
    await watching?.close()
    await webhooks.settleUnrecorded(house)
    await house.jobs.stop()
    await house.realtime.stop()
    redis?.close()
    await house.mailer.close()
    await pool.end()
  }
  return { house, http, contextFor, watch, stop }
}
