import { AppError, invalid, unavailable } from '../errors.ts'

/** What is uploaded at once: by everybody on this node, and by one person. Each holds memory, disk and a connection for as long as it comes. */
const places = { node: 24, person: 4, inLine: 100 }

/** Seconds: how long one stands in line; and over how long the least rate is asked for, while there are places for others and while they are scarce. */
const seconds = { inLine: 10, roomy: 20, scarce: 5 }

/** A line of the slowest kind (EDGE) brings three times as much. */
const leastBytesPerSecond = 4096

/** Whose upload it is: the person, and the network they ask from. */
export type Sender = { who: string; network: string }

/** How an upload comes in. */
export type Meter = {
  /** The bytes that have come so far. */
  bytes: () => number
  /** Is it we who do not read on, or is all of it there? Then nobody is slow. */
  isOurs: () => boolean
  stop: (error: AppError) => void
}

/** A place of one's own, until it is freed. */
export type Place = {
  /** Reads the body; a sender who is too slow is stopped, so that the place goes to somebody else. */
  receive: <T>(meter: Meter | null, work: () => Promise<T>) => Promise<T>
  free: () => void
}

type Running = { sender: Sender; meter: Meter | null; heard: number[] }
type Waiting = { sender: Sender; left: number; grant: (place: Running) => void; refuse: (error: Error) => void }

const running = new Set<Running>()
const line = new Set<Waiting>()
let ticking: NodeJS.Timeout | null = null

const count = (of: Iterable<{ sender: Sender }>, key: keyof Sender, value: string): number =>
  [...of].filter(({ sender }) => sender[key] === value).length

/**
 * A place to upload. One network takes a place only while more are free than it has: alone it gets half of them, and a newcomer always finds one before those
 * who have some get more. Whoever finds none stands in line for ten seconds; the network with the fewest places is served first.
 * @param left rejects when the sender has gone meanwhile
 * @throws RATE_LIMITED where this person, SERVICE_UNAVAILABLE where everybody uploads too much at once
 */
export async function takePlace(sender: Sender, left: Promise<never>): Promise<Place> {
  const own = count(running, 'who', sender.who) + count(line, 'who', sender.who)
  if (own >= places.person)
    throw new AppError('RATE_LIMITED', 'Too many uploads at once; try again later', { headers: { 'retry-after': '2' } })
  const place = mayTake(sender) ? enter(sender) : await standInLine(sender, left)
  return {
    async receive(meter, work) {
      place.meter = meter
      place.heard = meter ? [meter.bytes()] : []
      try {
        return await work()
      } finally {
        place.meter = null
      }
    },
    free: () => leave(place),
  }
}

const mayTake = ({ network }: Sender): boolean => count(running, 'network', network) < places.node - running.size

function enter(sender: Sender): Running {
  const place: Running = { sender, meter: null, heard: [] }
  running.add(place)
  ticking ??= setInterval(tick, 1000).unref()
  return place
}

function leave(place: Running): void {
  running.delete(place)
  serveLine()
}

async function standInLine(sender: Sender, left: Promise<never>): Promise<Running> {
  if (line.size >= places.inLine) throw tooMany()
  const { promise, resolve, reject } = Promise.withResolvers<Running>()
  const waiting = { sender, left: seconds.inLine, grant: resolve, refuse: reject }
  line.add(waiting)
  try {
    return await Promise.race([promise, left])
  } catch (error) {
    // Who hangs up at the very moment that their turn comes gives the place back.
    promise.then(leave, () => undefined)
    throw error
  } finally {
    line.delete(waiting)
  }
}

/** Lets in whoever's network has the fewest places, of those who came first. */
function serveLine(): void {
  for (;;) {
    const [first] = [...line].toSorted(
      (a, b) => count(running, 'network', a.sender.network) - count(running, 'network', b.sender.network),
    )
    if (!first || !mayTake(first.sender)) return
    line.delete(first)
    first.grant(enter(first.sender))
  }
}

/** Once a second: who is too slow loses the place, who has waited too long is told. */
function tick(): void {
  const wait = line.size > 0 || running.size * 2 >= places.node ? seconds.scarce : seconds.roomy
  for (const { meter, heard } of running) {
    if (!meter) continue
    if (meter.isOurs()) heard.length = 0
    heard.push(meter.bytes())
    if (heard.length > seconds.roomy + 1) heard.shift()
    const before = heard.at(-1 - wait)
    if (before !== undefined && heard.at(-1)! - before < wait * leastBytesPerSecond) meter.stop(tooSlow())
  }
  for (const waiting of line) {
    if (--waiting.left > 0) continue
    line.delete(waiting)
    waiting.refuse(tooMany())
  }
  serveLine()
  if (running.size === 0 && line.size === 0 && ticking) {
    clearInterval(ticking)
    ticking = null
  }
}

const tooMany = (): AppError => unavailable('Too many uploads at once; try again later', 2)

/** What is left of the body is not waited for: the connection ends with the answer. */
function tooSlow(): AppError {
  const { code, message, details = [] } = invalid('file', 'The file came too slowly; try again', 'too_slow')
  return new AppError(code, message, { details, headers: { connection: 'close' } })
}
