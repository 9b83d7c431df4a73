import type { CompiledQuery } from 'kysely'
import type { Db } from './database.ts'

/** Stands for a value while a statement is built. */
class StandIn {
  readonly name: string

  constructor(name: string) {
    this.name = name
  }
}

type Known<Row> = { query: CompiledQuery<Row>; names: (string | null)[] }

/** Of more kinds of one statement than this all are built anew: filters, orders and sizes can be put together in any way, and those that are asked for come back. */
const mostKinds = 200

/**
 * A statement that is built once: building and writing one of many columns costs more than reading its answer. `build` is called with stand-ins for the values
 * of the input, one time for each set of names and each shape; it hands them on as parameters and looks at none of them, so that the text is the same whatever
 * they are. What it must look at is the shape, a few plain values.
 */
export function builtOnce<Input extends object, Row, Shape extends object | void = void>(
  build: (db: Db, input: Input, shape: Shape) => CompiledQuery<Row>,
): (db: Db, input: Input, shape: Shape) => CompiledQuery<Row> {
  const known = new Map<string, Known<Row>>()
  return (db, input, shape) => {
    const values = input as Record<string, unknown>
    // As in Kysely, what is undefined is not there.
    const given = Object.keys(input).filter((name) => values[name] !== undefined)
    const key = shape ? `${given.join()} ${JSON.stringify(shape)}` : given.join()
    let built = known.get(key)
    if (!built) {
      const standIns = Object.fromEntries(given.map((name) => [name, new StandIn(name)]))
      const query = build(db, standIns as Input, shape)
      built = { query, names: query.parameters.map((value) => (value instanceof StandIn ? value.name : null)) }
      if (known.size === mostKinds) known.clear()
      known.set(key, built)
    }
    const { query, names } = built
    return { ...query, parameters: names.map((name, i) => (name === null ? query.parameters[i] : values[name])) }
  }
}
