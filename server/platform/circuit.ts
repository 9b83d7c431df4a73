export interface CircuitOptions {
  /** What stands behind it, for the error and the health answer: `smtp`, `stripe`. */
  name: string
  /** So many failures in a row open it. */
  failures?: number
  /** So long nobody is let through; then one call tries. */
  rest?: Temporal.Duration
  /** The clock. */
  now: () => Temporal.Instant
  /** Does this error say that the service is ill? A refusal of one request does not. Every error does, if absent. */
  isFailure?: (error: unknown) => boolean
}

export interface Circuit {
  /** Runs the work, or throws `CircuitOpen` at once. */
  run<T>(work: () => Promise<T>): Promise<T>
  state(): 'closed' | 'open' | 'half_open'
}

/** The service was not asked, because it failed again and again just before. Repeating before `retryAt` is vain. */
export class CircuitOpen extends Error {
  readonly retryAt: Temporal.Instant
  constructor(name: string, retryAt: Temporal.Instant) {
    super(`${name} keeps failing and is left alone until ${retryAt.toString({ smallestUnit: 'second' })}`)
    this.name = 'CircuitOpen'
    this.retryAt = retryAt
  }
}

/**
 * Guards an outside service (HOUSE section 3): after some failures in a row it refuses at once, so that nobody waits
 * for the timeout of a dead service; after a rest one call is let through, and its end decides for all.
 */
export function createCircuit({ name, failures = 5, rest, now, isFailure = () => true }: CircuitOptions): Circuit {
  const pause = rest ?? Temporal.Duration.from({ seconds: 30 })
  let failed = 0
  let openUntil: Temporal.Instant | null = null
  let probing = false
  // Calls begun before the circuit last changed say nothing of the service now: their ends are not counted.
  let era = 0

  const isResting = () => openUntil !== null && Temporal.Instant.compare(now(), openUntil) < 0

  const close = () => {
    failed = 0
    if (openUntil === null) return
    openUntil = null
    probing = false
    era++
  }
  const open = () => {
    openUntil = now().add(pause)
    probing = false
    era++
  }

  return {
    state: () => (openUntil === null ? 'closed' : isResting() ? 'open' : 'half_open'),

    async run(work) {
      if (openUntil !== null) {
        if (isResting() || probing) throw new CircuitOpen(name, openUntil)
        probing = true
      }
      const begun = era
      try {
        const answer = await work()
        if (begun === era) close()
        return answer
      } catch (error) {
        if (begun === era) {
          if (!isFailure(error)) close()
          else if (++failed >= failures) open()
        }
        throw error
      }
    },
  }
}
