import { existsSync, readFileSync } from 'node:fs'

/** Checks requests against Google's own descriptions of its APIs (discovery documents). */

type Schema = {
  $ref?: string
  type?: string
  format?: string
  enum?: string[]
  properties?: Record<string, Schema>
  additionalProperties?: Schema
  items?: Schema
}
type Method = { parameters: Record<string, Schema>; request?: { $ref: string } }
type Description = {
  parameters: Record<string, Schema>
  schemas: Record<string, Schema>
  resources: Record<string, { methods: Record<string, Method> }>
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const formats: Record<string, RegExp> = {
  'date-time': /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)$/,
  'google-duration': /^\d+(\.\d+)?s$/,
}

/** A description, where the folder of specifications stands beside the project; without it everything is right. */
export class GoogleSpec {
  readonly #description: Description | null

  constructor(name: string) {
    const file = new URL(`../../shared/specs/google/${name}`, import.meta.url)
    this.#description = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Description) : null
  }

  /** What is wrong with a value of a schema, in words. */
  problemOf(value: unknown, schema: string | Schema, at: string): string | null {
    if (!this.#description) return null
    const name = typeof schema === 'string' ? schema : schema.$ref
    const wanted = name === undefined ? (schema as Schema) : this.#description.schemas[name]
    return wanted ? this.#shapeProblem(value, wanted, at) : `${at} has an unknown shape`
  }

  #shapeProblem(value: unknown, schema: Schema, at: string): string | null {
    if (schema.type === 'any') return null
    if (schema.type === 'object' || schema.properties) return this.#objectProblem(value, schema, at)
    if (schema.type === 'array') {
      if (!Array.isArray(value)) return `${at} is no list`
      return value.map((one) => this.problemOf(one, schema.items ?? {}, at)).find((one) => one !== null) ?? null
    }
    if (schema.enum && !schema.enum.includes(String(value))) return `${at} is none of ${schema.enum.join(', ')}`
    if (schema.type === 'string' && typeof value !== 'string') return `${at} is no text`
    const format = formats[schema.format ?? '']
    if (format && !format.test(String(value))) return `${at} is no ${schema.format}`
    if (schema.type === 'integer' && !Number.isInteger(value)) return `${at} is no whole number`
    if (schema.type === 'boolean' && typeof value !== 'boolean') return `${at} is no boolean`
    return null
  }

  #objectProblem(value: unknown, schema: Schema, at: string): string | null {
    if (!isObject(value)) return `${at} is no object`
    for (const [name, inner] of Object.entries(value)) {
      const wanted = schema.properties?.[name] ?? schema.additionalProperties
      const problem = wanted ? this.problemOf(inner, wanted, `${at}.${name}`) : `${at}.${name} is no field`
      if (problem) return problem
    }
    return null
  }

  /** What is wrong with the query and the body of a call of a method such as `events.insert`, in words. */
  callProblem(id: string, query: URLSearchParams, body: unknown): string | null {
    if (!this.#description) return null
    const [resource = '', name = ''] = id.split('.')
    const method = this.#description.resources[resource]?.methods[name]
    if (!method) return `there is no method ${id}`
    for (const [key, text] of query) {
      const problem = this.#parameterProblem(key, text, method.parameters[key] ?? this.#description.parameters[key])
      if (problem) return `${id}: ${problem}`
    }
    return method.request ? this.problemOf(body, method.request.$ref, id) : null
  }

  #parameterProblem(name: string, text: string, schema: Schema | undefined): string | null {
    if (!schema) return `there is no parameter ${name}`
    if (schema.type === 'boolean') return text === 'true' || text === 'false' ? null : `${name} is no boolean`
    return this.#shapeProblem(schema.type === 'integer' ? Number(text) : text, schema, name)
  }
}
