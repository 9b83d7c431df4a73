import type { Config } from '../config.ts'
import type { Db } from '../db/database.ts'

export const mailJobs = {}
export type Mailer = { state: () => Promise<{ status: 'ok' | 'down' | 'off' }>; close: () => Promise<void> }
export function createMailer(_config: Config, _db: Db): Mailer {
  return { state: async () => ({ status: 'off' }), close: async () => undefined }
}
