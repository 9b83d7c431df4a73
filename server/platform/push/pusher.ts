import type { Config } from '../config.ts'
import { readCredentials } from './credentials.ts'

/** What one device is shown. */
export type Push = {
  /** The token that the client was given by Firebase. */
  token: string
  title: string
  body: string
  /** For the program, not for the eye. */
  data: Readonly<Record<string, string>>
  /** Names the thing told: a repetition takes the place of the first on the screen instead of standing beside it. */
  tag: string
  /** What belongs together on the screen, and the channel of Android by which people silence it. */
  group: string
  /** Wakes the device; else it may come when the device wakes by itself. */
  urgent: boolean
  /** For how long it is worth being delivered. Seconds. */
  ttlSeconds: number
}

/** Shows messages on devices. */
export interface Pusher {
  /**
   * `sent` once the service has taken it, `gone` where the token is dead and is never to be used again.
   * Throws `PushRefused` when repeating is vain; `PushFailed` or `CircuitOpen` when it may pass.
   */
  send(push: Push): Promise<'sent' | 'gone'>
  /** For the health answer: `down` while the service keeps failing or has asked to be left alone, `off` where none is set. */
  state(): { status: 'ok' | 'down' | 'off'; detail?: string }
  /** How the messages of this process ended, for the metrics; `failed` counts every try. */
  counts(): Readonly<Record<'sent' | 'gone' | 'refused' | 'failed', number>>
}

/** This message will never be taken as it is. The text names no token. */
export class PushRefused extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'PushRefused'
  }
}

/** It did not go out this time: no answer, an error of the service, a limit, or a wrong setting. The text names no token. */
export class PushFailed extends Error {
  /** Does it say that the service is ill? A limit on one device does not. */
  readonly ill: boolean
  constructor(message: string, ill = true) {
    super(message)
    this.name = 'PushFailed'
    this.ill = ill
  }
}

/** Firebase Cloud Messaging where FIREBASE_CREDENTIALS_FILE is set, else none: null. */
export async function createPusher(config: Config, now: () => Temporal.Instant): Promise<Pusher | null> {
  if (config.FIREBASE_CREDENTIALS_FILE === null) return null
  const credentials = readCredentials(config.FIREBASE_CREDENTIALS_FILE)
  const { createFcmPusher } = await import('./fcm.ts')
  return createFcmPusher({ credentials, base: config.FCM_API_BASE, now })
}
