import type { FastifyInstance } from 'fastify'
import { Type, type Static, type TObject } from 'typebox'
import type { Context } from '../context.ts'
import type { House } from '../house.ts'
import { protocolOf } from './frame.ts'

/** What a look at a topic shows. */
export type Sight = {
  /** Another number than before means that it has changed. The same as in what is asked for over HTTP, where that tells one. */
  version: number
  /** What the version does not count: another text means that it has changed as well. Told to nobody. */
  mark?: string
  /** What it is made of: whoever changes something of that name says so with `sayChanged`, and it is looked at again. */
  keys: readonly string[]
  /** From then on it may be another without anybody's saying so: it is looked at again. */
  until?: Temporal.Instant | null
  /** Who of those asked about may watch it; all of them where nothing is said. */
  watchers?: ReadonlySet<number>
}

/** Something that changes and can be watched on the socket. A change says nothing but that there was one, so that nothing has to be kept: whoever hears of it asks again. */
export type Topic<F extends TObject = TObject> = {
  /** Its name, in the field `topic` of the frames. */
  topic: string
  /** What there is none of, where there is none or it is not theirs: a word of the glossary. */
  noun: string
  summary: string
  description?: string
  /** The fields beside `topic` that say which one. */
  fields: F
  example: Static<F>
  /** Messages of `realtime` that say by themselves what has changed: by their topic, how to read keys from one. */
  hears?: Record<string, (message: unknown) => readonly string[]>
  /**
   * Its state now, for all of these people at once, as nobody: asked by each process once a change, however many sockets watch. Null, or NOT_FOUND, when it is not
   * there any more. It is asked for a single person before they may watch, too.
   */
  look: (ctx: Context, fields: Static<F>, userIds: readonly number[]) => Promise<Sight | null>
}

export type AnyTopic = Omit<Topic, 'example' | 'look'> & {
  example: object
  look: (ctx: Context, fields: never, userIds: readonly number[]) => Promise<Sight | null>
  shapes: ReturnType<typeof shapesOf>
}

/** Declares what can be watched: the frames `subscribe` and `unsubscribe` take it from then on, and `/asyncapi.json` shows it. */
export function topic<F extends TObject>(app: FastifyInstance, declared: Topic<F>): void {
  const { topics } = protocolOf(app)
  if (topics.has(declared.topic)) throw new Error(`the topic ${declared.topic} is declared twice`)
  topics.set(declared.topic, { ...declared, shapes: shapesOf(declared) })
}

const Version = Type.Integer({
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  description: 'Another number means that it has changed; how much larger says nothing.',
})

/** The shapes of the frames about one topic, made once: their validators are kept by them. */
function shapesOf({ topic: name, fields }: Pick<Topic, 'topic' | 'fields'>) {
  const which = { topic: Type.Literal(name), ...fields.properties }
  return {
    subscribe: Type.Object({
      ...which,
      version: Type.Optional({ ...Version, description: 'The last one that you have.' }),
    }),
    subscribed: Type.Object({
      ...which,
      version: Version,
      changed: Type.Boolean({
        description: 'Is this another version than the one you have named, or did you name none?',
      }),
    }),
    unsubscribe: Type.Object(which),
    changed: Type.Object({ ...which, version: Version }),
    ended: Type.Object(which),
  }
}

/** The topic of `realtime` on which processes hear what has changed. */
export const changesTopic = 'topics'
export type ChangesMessage = { keys: string[] }
const keysOfMessage = 100

/** Tells every process, once the transaction is committed, that what bears these names has changed: whatever of it is watched is looked at again. */
export async function sayChanged(ctx: Context, keys: readonly string[]): Promise<void> {
  for (let i = 0; i < keys.length; i += keysOfMessage)
    await ctx.house.realtime.broadcast(ctx, changesTopic, {
      keys: keys.slice(i, i + keysOfMessage),
    } satisfies ChangesMessage)
}

/** The message that `sayChanged` sends, for a statement that sends it by itself (`realtime.channel`) and saves the round trip. */
export const changesPayload = (keys: readonly string[]): string =>
  JSON.stringify({ topic: changesTopic, message: { keys } })

/** A moment is a little past before it is looked whether anything has run out with it; and no timer is set for longer than an hour. */
const [slackMs, mostMs] = [20, 3_600_000]

/** Calls once at this moment, or in an hour where it is further away. */
export const onceAt = ({ clock }: House, moment: Temporal.Instant, call: () => void): NodeJS.Timeout =>
  setTimeout(
    call,
    Math.min(Math.max(moment.epochMilliseconds - clock().epochMilliseconds, 0) + slackMs, mostMs),
  ).unref()
