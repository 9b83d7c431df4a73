import type { Push } from './pusher.ts'

/** FCM takes 4,096 bytes a message; of three bytes a sign this leaves room for the data. */
const longestTitle = 150
const longestBody = 600

/** A text of at most so many UTF-16 units, cut between signs and not within a pair. */
function cut(text: string, length: number): string {
  const whole = text.toWellFormed()
  return whole.length <= length ? whole : `${whole.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}

/**
 * A `Message` of FCM (v1), for Android, Apple and the web at once. Apple's headers are texts, its expiration in seconds since 1970; web push takes a `TTL`
 * (RFC 8030 section 5.2) and an `Urgency`.
 */
export function messageOf({ token, title, body, data, tag, group, urgent, ttlSeconds }: Push, now: Temporal.Instant) {
  const expires = Math.floor(now.epochMilliseconds / 1000) + ttlSeconds
  return {
    token,
    notification: { title: cut(title, longestTitle), body: cut(body, longestBody) },
    data,
    android: {
      priority: urgent ? 'HIGH' : 'NORMAL',
      ttl: `${ttlSeconds}s`,
      collapseKey: group,
      notification: { tag, channelId: group },
    },
    apns: {
      headers: {
        'apns-collapse-id': tag,
        'apns-priority': urgent ? '10' : '5',
        'apns-expiration': String(expires),
      },
      payload: { aps: { sound: 'default', 'thread-id': group } },
    },
    webpush: {
      headers: { TTL: String(ttlSeconds), Urgency: urgent ? 'high' : 'normal' },
      notification: { tag },
    },
  }
}
