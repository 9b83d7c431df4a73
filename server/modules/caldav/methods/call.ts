import type { Target } from '../paths.ts'
import type { Element } from '../xml/read.ts'

/** A request as the methods are given it, and what they answer: nothing here knows the server. */
export type Call = {
  target: Target
  header: (name: string) => string | undefined
  bytes: Buffer
  /** The body as XML; null where there is none. @throws VALIDATION_ERROR */
  xml: () => Element | null
}
export type Reply = {
  status: number
  headers?: Record<string, string>
  body?: string
  type?: 'xml' | 'calendar' | 'text'
}

export const xmlReply = (body: string, status = 207): Reply => ({ status, body, type: 'xml' })
