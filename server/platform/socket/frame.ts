import type { FastifyInstance } from 'fastify'
import type { Static, TObject, TSchema } from 'typebox'
import type { Context } from '../context.ts'
import type { ErrorCode } from '../errors.ts'
import type { AnyTopic } from './topic.ts'

/** A frame that clients may send: `{"type", "id"?, ...body}`, answered by `{"type": "ack", "id", "data"}` or `{"type": "error", "id", "error"}`. */
export type Frame<B extends TObject = TObject, A extends TSchema = TSchema> = {
  /** The word in `type`. */
  type: string
  summary: string
  description?: string
  /** The fields beside `type` and `id`. Validated as bodies of requests are: never coerced, all mistakes told at once, unknown fields dropped. */
  body: B
  /** The shape of `data` in the answer; `Nothing` where there is nothing to say. */
  answer: A
  /** A true example of both. */
  example: { body: Static<B>; answer: Static<A> }
  /** Codes it may answer beside those that every frame may. */
  errors?: ErrorCode[]
  /** Frames of this type a minute of one person, beside the limit of all frames. */
  perMinute?: number
  /** Does it, for the signed-in person of `ctx.actor`, who is read anew for each frame. Throws AppErrors as services do. */
  run: (ctx: Context, body: Static<B>) => Promise<Static<A>>
}

/** Something that the server tells: an entry of a person's stream, with `seq`; or, where it is not kept, a passing word without. */
export type Entry<D extends TSchema = TSchema> = {
  type: string
  summary: string
  description?: string
  data: D
  /** A true example of `data`. */
  example: Static<D>
  /** `false`: it is told to whoever is connected now (`tellNow`), has no number and is never told again. */
  kept?: false
}

export type AnyFrame = Omit<Frame, 'run' | 'example'> & {
  example: { body: unknown; answer: unknown }
  run: (ctx: Context, body: never) => Promise<unknown>
}
export type AnyEntry = Omit<Entry, 'example'> & { example: unknown }

/** Hears on one process that somebody has come (the first socket on any process) or gone (the last one). */
export type PresenceHearer = (ctx: Context, person: { userId: number; online: boolean }) => Promise<void>

/** All that was declared for the socket of one server. */
export type Protocol = {
  frames: Map<string, AnyFrame>
  entries: Map<string, AnyEntry>
  topics: Map<string, AnyTopic>
  presence: PresenceHearer[]
}

const protocols = new WeakMap<FastifyInstance, Protocol>()

/** What was declared for this server's socket so far. */
export function protocolOf(app: FastifyInstance): Protocol {
  return protocols.getOrInsertComputed(app, () => ({
    frames: new Map(),
    entries: new Map(),
    topics: new Map(),
    presence: [],
  }))
}

/** Declares a frame that clients may send: its validation, its answer and its place in `/asyncapi.json` come from here. */
export function frame<B extends TObject, A extends TSchema>(app: FastifyInstance, declared: Frame<B, A>): void {
  const { frames } = protocolOf(app)
  if (frames.has(declared.type)) throw new Error(`the frame ${declared.type} is declared twice`)
  frames.set(declared.type, declared)
}

/** Declares what the server may tell: the type and shape of the entries that are given to `appendToStreams`, `appendEach` or `tellNow`. */
export function entry<D extends TSchema>(app: FastifyInstance, declared: Entry<D>): void {
  const { entries } = protocolOf(app)
  if (entries.has(declared.type)) throw new Error(`the entry ${declared.type} is declared twice`)
  entries.set(declared.type, declared)
}

/** Calls `hear` when people come and go. */
export function onPresence(app: FastifyInstance, hear: PresenceHearer): void {
  protocolOf(app).presence.push(hear)
}
