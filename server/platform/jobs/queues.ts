/** A job that fails waits about 1, 2, 4 ... seconds (with jitter, at most 15 minutes) and is tried for about a day, then it is a dead letter. A heartbeat of 10 s tells soon when its process has died. */
const patient = {
  retryLimit: 100,
  retryDelay: 1,
  retryBackoff: true,
  retryDelayMax: 900,
  heartbeatSeconds: 10,
  expireInSeconds: 300,
  // What is done is of no use, and a day of it would make every look into the queues slower.
  deleteAfterSeconds: 3600,
  // So long waits what nobody has done yet: a house that stands still over the holidays loses nothing of what it had promised. pg-boss throws it away after 14 days.
  retentionSeconds: 60 * 86_400,
  deadLetter: 'dead',
}

/**
 * The queues. `events` holds one job for each listener of a domain event, `jobs` everything else that is short, `mail` what talks to the mail server
 * (it may be down for an hour and must not hold up the rest), `push` what talks to the push service, `webhooks` what calls integrators and `gateway` what asks the payment gateway and `google` what asks Google, for the same reason, `slow` what takes minutes, `backup` what may take an hour once a day, `dead` what was given up.
 */
export const queues = [
  { name: 'dead', retryLimit: 0, deleteAfterSeconds: 60 * 86_400, retentionSeconds: 60 * 86_400 },
  { name: 'events', ...patient },
  { name: 'jobs', ...patient },
  { name: 'mail', ...patient },
  { name: 'push', ...patient },
  { name: 'gateway', ...patient },
  { name: 'webhooks', ...patient },
  { name: 'google', ...patient },
  { name: 'slow', ...patient, expireInSeconds: 6 * 3600, retryLimit: 10 },
  { name: 'backup', ...patient, expireInSeconds: 12 * 3600, retryLimit: 8, retryDelay: 60 },
] as const

export type QueueName = 'events' | 'jobs' | 'mail' | 'push' | 'gateway' | 'google' | 'webhooks' | 'slow' | 'backup'
