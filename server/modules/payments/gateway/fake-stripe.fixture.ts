import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { testCards } from './cards.ts'
import { signatureOf } from './signature.ts'

/** A Stripe on loopback with books of its own: checks every parameter against Stripe's specification, loses answers after doing the work, fails at random. */

// eslint-disable-next-line typescript/no-explicit-any -- objects of another's API, as they travel
type Obj = Record<string, any>
type Schema = Obj & { $ref?: string; anyOf?: Schema[]; properties?: Record<string, Schema>; items?: Schema }

const specification = new URL('../../../../../shared/specs/stripe/stripe-sdk-params.json', import.meta.url)
const spec: Obj | null = existsSync(specification) ? (JSON.parse(readFileSync(specification, 'utf8')) as Obj) : null

/** A form body of Stripe's (`metadata[a]=b`, `expand[0]=c`) as an object. */
export function parseForm(text: string): Obj {
  const root: Obj = {}
  for (const [name, value] of new URLSearchParams(text)) {
    const [first = '', ...rest] = name.replaceAll(']', '').split('[')
    let at = root
    let key = first
    for (const part of rest) {
      at = at[key] ??= /^\d*$/.test(part) ? [] : {}
      key = Array.isArray(at) && part === '' ? String(at.length) : part
    }
    at[key] = value
  }
  return root
}

const resolve = (schema: Schema): Schema =>
  schema.$ref ? resolve(spec!['components'].schemas[schema.$ref.split('/').at(-1)!]) : schema

/** What is wrong with a value by the specification, in words; forms carry only texts. */
function problemOf(value: unknown, given: Schema, at: string): string | null {
  const schema = resolve(given)
  if (schema.anyOf) {
    const problems = schema.anyOf.map((one) => problemOf(value, one, at))
    return problems.includes(null) ? null : problems.join(' or ')
  }
  if (schema['type'] === 'object' || schema.properties) {
    if (typeof value !== 'object' || value === null) return `${at} is no object`
    for (const [name, inner] of Object.entries(value)) {
      const wanted = schema.properties?.[name] ?? (schema['additionalProperties'] as Schema | false | undefined)
      if (!wanted) return `${at}${name} is no parameter`
      const problem = typeof wanted === 'object' ? problemOf(inner, wanted, `${at}${name}.`) : null
      if (problem) return problem
    }
    const missing = ((schema['required'] as string[] | undefined) ?? []).find((name) => !(name in value))
    return missing ? `${at}${missing} is missing` : null
  }
  if (schema['type'] === 'array') {
    if (!Array.isArray(value)) return `${at} is no list`
    return value.map((one) => problemOf(one, schema.items ?? {}, at)).find((one) => one !== null) ?? null
  }
  if (typeof value !== 'string') return `${at} is no plain value`
  if (schema['type'] === 'integer' && !/^-?\d+$/.test(value)) return `${at} is no whole number: ${value}`
  if (schema['type'] === 'boolean' && !/^(true|false)$/.test(value)) return `${at} is no boolean: ${value}`
  const words = schema['enum'] as string[] | undefined
  if (words && !schema['x-openEnum'] && !words.includes(value)) return `${at} cannot be ${value}`
  return null
}

/** What is wrong with a request by the specification; null where nothing is, or where the file is not there. */
function problemOfRequest(method: string, path: string, params: Obj): string | null {
  if (!spec) return null
  const known = Object.entries(spec['paths'] as Record<string, Obj>).find(
    ([template, methods]) =>
      methods[method.toLowerCase()] && new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path),
  )
  if (!known) return `there is no ${method} ${path}`
  const { params: schema } = known[1][method.toLowerCase()] as { params?: Schema }
  return schema ? problemOf(params, schema, '') : Object.keys(params).length > 0 ? 'no parameters are taken' : null
}

const id = (prefix: string): string => `${prefix}_${randomBytes(9).toString('hex')}`
class Refused extends Error {
  readonly status: number
  readonly body: Obj
  constructor(status: number, error: Obj) {
    super(String(error['message']))
    this.status = status
    this.body = { error }
  }
}
const refuse = (code: string, message: string, extra: Obj = {}): Refused =>
  new Refused(400, { type: 'invalid_request_error', code, message, ...extra })

export type FakeStripe = {
  base: string
  secret: string
  objects: Map<string, Obj>
  requests: { method: string; path: string; params: Obj; key: string | undefined }[]
  /** What was wrong with requests; to stay empty. */
  problems: string[]
  /** The next so many writes are done and their answers lost; or it answers nobody. */
  loses: number
  isDown: boolean
  /** Of so many requests one fails before or after doing its work. */
  failsOneIn: number
  /** A signed event about an object as it is now. */
  event: (type: string, object: Obj, at: Temporal.Instant, eventId?: string) => { body: string; signature: string }
  close: () => Promise<void>
}

/** Opens it; `close` it after the test. */
export async function openFakeStripe(): Promise<FakeStripe> {
  const answers = new Map<string, { status: number; body: Obj }>()
  const fake: FakeStripe = {
    base: '',
    secret: 'whsec_test',
    objects: new Map(),
    requests: [],
    problems: [],
    loses: 0,
    isDown: false,
    failsOneIn: 0,
    event: (type, object, at, eventId = id('evt')) => {
      const created = Math.floor(at.epochMilliseconds / 1000)
      const body = JSON.stringify({ id: eventId, object: 'event', type, created, data: { object } })
      return { body, signature: signatureOf(body, fake.secret, at) }
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
  const send = (response: ServerResponse, status: number, body: Obj): void => {
    response.writeHead(status, { 'content-type': 'application/json', 'request-id': id('req') })
    response.end(JSON.stringify(body))
  }
  const answer = (method: string, path: string, params: Obj): { status: number; body: Obj } => {
    try {
      return { status: 200, body: work(fake.objects, method, path, params) }
    } catch (error) {
      if (error instanceof Refused) return { status: error.status, body: error.body }
      throw error
    }
  }
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let text = ''
    for await (const chunk of request) text += String(chunk)
    if (fake.isDown) return void request.socket.destroy()
    const url = new URL(request.url ?? '/', 'http://stripe')
    const method = request.method ?? 'GET'
    const params = parseForm(method === 'POST' ? text : url.search.slice(1))
    const key = request.headers['idempotency-key'] as string | undefined
    fake.requests.push({ method, path: url.pathname, params, key })
    const problem = problemOfRequest(method, url.pathname, params)
    if (problem) fake.problems.push(`${method} ${url.pathname}: ${problem}`)
    if (method === 'POST' && !key) fake.problems.push(`${method} ${url.pathname}: no Idempotency-Key`)
    const fails = fake.failsOneIn > 0 && Math.random() * fake.failsOneIn < 1
    if (fails && Math.random() < 0.5) return send(response, 500, { error: { type: 'api_error', message: 'fails' } })
    let told = key === undefined ? undefined : answers.get(key)
    told ??= answer(method, url.pathname, params)
    if (key !== undefined) answers.set(key, told)
    if (fails || (method === 'POST' && fake.loses > 0 && fake.loses--)) return void request.socket.destroy()
    send(response, told.status, told.body)
  }
  const server = createServer((request, response) => void handle(request, response))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  fake.base = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
  return fake
}

const list = (data: Obj[]): Obj => ({ object: 'list', data, has_more: false, url: '/' })

function get(objects: Map<string, Obj>, one: string, kind: string): Obj {
  const found = objects.get(one)
  if (found?.['object'] !== kind) throw refuse('resource_missing', `No such ${kind}: '${one}'`, { param: kind })
  return found
}

function work(objects: Map<string, Obj>, method: string, path: string, params: Obj): Obj {
  const all = (kind: string): Obj[] => [...objects.values()].filter((one) => one['object'] === kind)
  const keep = (object: Obj): Obj => {
    objects.set(object['id'], object)
    return object
  }
  const [, , kind, one = '', verb] = path.split('/')
  const route = `${method} ${kind}${one ? '/{}' : ''}${verb ? `/${verb}` : ''}`
  switch (route) {
    case 'POST customers':
      return keep({ id: id('cus'), object: 'customer', ...params })
    case 'POST payment_intents': {
      const made = id('pi')
      return keep({
        id: made,
        object: 'payment_intent',
        client_secret: `${made}_secret_x`,
        status: 'requires_payment_method',
        amount: Number(params['amount']),
        amount_received: 0,
        currency: params['currency'],
        customer: params['customer'] ?? null,
        metadata: params['metadata'] ?? {},
        latest_charge: null,
        last_payment_error: null,
      })
    }
    case 'GET payment_intents/{}':
      return get(objects, one, 'payment_intent')
    case 'POST payment_intents/{}/confirm':
      return confirm(get(objects, one, 'payment_intent'), withCard(objects, params), keep)
    case 'POST payment_intents/{}/cancel': {
      const intent = get(objects, one, 'payment_intent')
      if (intent['status'] === 'succeeded') throw refuse('payment_intent_unexpected_state', 'It has succeeded')
      return Object.assign(intent, { status: 'canceled' })
    }
    case 'POST refunds': {
      const intent = get(objects, params['payment_intent'], 'payment_intent')
      const before = all('refund').filter((refund) => refund['payment_intent'] === intent['id'])
      const left = before.reduce((sum, refund) => sum - Number(refund['amount']), Number(intent['amount_received']))
      if (Number(params['amount']) > left) throw refuse('amount_too_large', 'There is less left')
      const { currency } = intent
      return keep({
        id: id('re'),
        object: 'refund',
        status: 'succeeded',
        currency,
        ...params,
        amount: Number(params['amount']),
      })
    }
    case 'GET refunds':
      return list(all('refund').filter((refund) => refund['payment_intent'] === params['payment_intent']))
    case 'POST setup_intents': {
      get(objects, params['customer'], 'customer')
      const made = id('seti')
      return keep({ id: made, object: 'setup_intent', client_secret: `${made}_secret_x`, ...params })
    }
    case 'POST payment_methods/{}/attach':
      return keep(attach(get(objects, params['customer'], 'customer'), one))
    case 'GET customers/{}/payment_methods':
      get(objects, one, 'customer')
      return list(all('payment_method').filter((saved) => saved['customer'] === one))
    case 'POST payment_methods/{}/detach':
      return Object.assign(get(objects, one, 'payment_method'), { customer: null })
    default:
      throw refuse('unknown', `There is no ${route}`)
  }
}

/** A test card that was saved is another object from then on. */
function attach(customer: Obj, name: string): Obj {
  const card = testCards[name]
  if (!card) throw refuse('resource_missing', 'No such PaymentMethod', { param: 'payment_method' })
  const { brand, last4 } = card
  const shown = { brand, last4, exp_month: 12, exp_year: 2030 }
  return { id: id('pm'), object: 'payment_method', type: 'card', customer: customer['id'], card: shown, name }
}

/** The test card behind a saved method; off session only a saved one of the customer is taken. */
function withCard(objects: Map<string, Obj>, params: Obj): Obj {
  const saved = objects.get(String(params['payment_method']))
  if (params['off_session'] === 'true' && !saved?.['customer'])
    throw refuse('resource_missing', 'No such PaymentMethod', { param: 'payment_method' })
  return saved ? { ...params, payment_method: saved['name'] } : params
}

function confirm(intent: Obj, params: Obj, keep: (object: Obj) => Obj): Obj {
  if (intent['status'] === 'succeeded') throw refuse('payment_intent_unexpected_state', 'It has succeeded')
  const card = testCards[String(params['payment_method'])]
  if (!card) throw refuse('resource_missing', 'No such PaymentMethod', { param: 'payment_method' })
  if (card.failure) {
    const { code, declineCode, message } = card.failure
    const error = { type: 'card_error', code, decline_code: declineCode, message }
    Object.assign(intent, { status: 'requires_payment_method', last_payment_error: error })
    throw new Refused(402, { ...error, payment_intent: { ...intent } })
  }
  if (card.authentication && params['off_session'] === 'true') {
    const code = 'authentication_required'
    const error = { type: 'card_error', code, decline_code: code, message: 'Your card was declined.' }
    Object.assign(intent, { status: 'requires_payment_method', last_payment_error: error })
    throw new Refused(402, { ...error, payment_intent: { ...intent } })
  }
  if (card.authentication) return Object.assign(intent, { status: 'requires_action', last_payment_error: null })
  const details = { card: { brand: card.brand, last4: card.last4 } }
  const charge = keep({ id: id('ch'), object: 'charge', payment_intent: intent['id'], payment_method_details: details })
  const { amount } = intent
  return Object.assign(intent, {
    status: 'succeeded',
    amount_received: amount,
    last_payment_error: null,
    latest_charge: charge,
  })
}
