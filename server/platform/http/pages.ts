import { createRequire } from 'node:module'
import path from 'node:path'
import staticFiles from '@fastify/static'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { asyncApiDocument } from '../socket/asyncapi.ts'
import { openApiDocument } from './openapi.ts'

const require = createRequire(import.meta.url)
const folderOf = (file: string): string => path.dirname(require.resolve(file))

const swaggerPage = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Banister API v1</title>
<link rel="stylesheet" href="/docs/assets/swagger-ui.css"></head>
<body><div id="swagger-ui"></div><script src="/docs/assets/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body>
</html>`
const swaggerStart = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#swagger-ui', deepLinking: true, persistAuthorization: true, tryItOutEnabled: true })`
const redocPage = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Banister API v1</title></head>
<body><div id="redoc"></div><script src="/redoc/assets/redoc.standalone.js"></script><script src="/redoc/start.js"></script></body>
</html>`
const redocStart = `Redoc.init('/openapi.json', { hideDownloadButton: false }, document.getElementById('redoc'))`

// The pages load only what is served here; both libraries set styles from their scripts, and ReDoc searches in a worker made from a blob.
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; worker-src blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

const page = (body: string) => async (_request: unknown, reply: FastifyReply) =>
  reply.type('text/html; charset=utf-8').header('content-security-policy', policy).send(body)
const script = (body: string) => async (_request: unknown, reply: FastifyReply) =>
  reply.type('text/javascript; charset=utf-8').send(body)

/** The documentation: `/openapi.json`, `/asyncapi.json`, Swagger UI at `/swagger/` and `/docs/`, ReDoc at `/redoc/`; all from this server, so they work offline. */
export async function addPages(app: FastifyInstance, version: string, publicUrl: string): Promise<void> {
  let document: string | null = null
  app.get('/openapi.json', async (_request, reply) => {
    document ??= JSON.stringify(openApiDocument(app, version))
    return reply.type('application/json; charset=utf-8').header('access-control-allow-origin', '*').send(document)
  })
  let asyncDocument: string | null = null
  app.get('/asyncapi.json', async (_request, reply) => {
    asyncDocument ??= JSON.stringify(asyncApiDocument(app, version, publicUrl))
    return reply.type('application/json; charset=utf-8').header('access-control-allow-origin', '*').send(asyncDocument)
  })
  app.get('/swagger/', page(swaggerPage))
  app.get('/docs/', page(swaggerPage))
  app.get('/docs/start.js', script(swaggerStart))
  app.get('/redoc/', page(redocPage))
  app.get('/redoc/start.js', script(redocStart))
  const assets = { index: false, dotfiles: 'deny', maxAge: '1d', decorateReply: false } as const
  await app.register(staticFiles, {
    ...assets,
    root: folderOf('swagger-ui-dist/package.json'),
    prefix: '/docs/assets/',
    allowedPath: (name) => /^\/swagger-ui(-bundle)?\.(css|js)$/.test(name),
  })
  await app.register(staticFiles, {
    ...assets,
    root: folderOf('redoc/bundles/redoc.standalone.js'),
    prefix: '/redoc/assets/',
    allowedPath: (name) => name === '/redoc.standalone.js',
  })
}
