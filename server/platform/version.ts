import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The version of the package, as `/openapi.json`, `/api/v1/health/` and backups tell it. */
export const version = (
  JSON.parse(readFileSync(fileURLToPath(new URL('../../package.json', import.meta.url)), 'utf8')) as { version: string }
).version
