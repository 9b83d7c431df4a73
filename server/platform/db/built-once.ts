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

/**
 * A statement that is built once: building and writing one of many columns costs more than reading its answer. `build` is called with stand-ins for the values
 * of the input, one time for each set of names; it hands them on as parameters and looks at none of them, so that the text is the same whatever they are.
 */
export function builtOnce<Input extends object, Row>(
  build: (db: Db, input: Input) => CompiledQuery<Row>,
): (db: Db, input: Input) => CompiledQuery<Row> {
  const known = new Map<string, Known<Row>>()
  return (db, input) => {
    const key = Object.keys(input).join()
    let built = known.get(key)
    if (!built) {
      const standIns = Object.fromEntries(Object.keys(input).map((name) => [name, new StandIn(name)]))
      const query = build(db, standIns as Input)
      built = { query, names: query.parameters.map((value) => (value instanceof StandIn ? value.name : null)) }
      known.set(key, built)
    }
    const { query, names } = built
    const values = input as Record<string, unknown>
    return { ...query, parameters: names.map((name, i) => (name === null ? query.parameters[i] : values[name])) }
  }
}
