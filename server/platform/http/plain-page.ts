import type { FastifyInstance, FastifyReply } from 'fastify'
import { translate, type Locale } from '../i18n/index.ts'
import { contextOf } from './request.ts'

const policy =
  "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

const style =
  'body{font:16px/1.5 sans-serif;max-width:30rem;margin:3rem auto;padding:0 1rem}label,input,button,output{display:block;margin:.5rem 0}input{width:100%;box-sizing:border-box}input,button{font:inherit;padding:.5rem}'

/** A sentence in the reader's language. */
export type Say = (sentence: string) => string

/** An input with its label. */
export const field = (say: Say, name: string, label: string, attributes: string): string =>
  `<label>${say(label)}<input name="${name}" ${attributes} required></label>`

const page = (locale: Locale, body: (say: Say) => string, script: string | null): string => `<!doctype html>
<html lang="${locale}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Banister</title><style>${style}</style></head>
<body>${body((sentence) => translate(locale, sentence))}${script === null ? '' : `<script src="${script}"></script>`}</body></html>`

/** Answers with a plain page that works without a script: its forms post to where it is from. */
export const sendPage = (reply: FastifyReply, locale: Locale, body: (say: Say) => string): FastifyReply =>
  reply
    .type('text/html; charset=utf-8')
    .header(
      'content-security-policy',
      policy.replace("form-action 'none'", "form-action 'self'").replace("script-src 'self'", "script-src 'none'"),
    )
    .header('cache-control', 'no-store')
    .send(page(locale, body, null))

/** Plain pages for the links of our mails, where no application opens them. Opening one changes nothing: that takes a button, which posts (SPEC section 3). */
export function addPlainPages(
  app: FastifyInstance,
  pages: Record<string, (say: Say) => string>,
  script: { path: string; text: string },
): void {
  for (const [path, body] of Object.entries(pages)) {
    app.get(path, async (request, reply) =>
      reply
        .type('text/html; charset=utf-8')
        .header('content-security-policy', policy)
        .header('cache-control', 'no-store')
        .send(page(contextOf(request).locale, body, script.path)),
    )
  }
  app.get(script.path, async (_request, reply) => reply.type('text/javascript; charset=utf-8').send(script.text))
}
