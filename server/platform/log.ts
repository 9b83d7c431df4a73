import { pino } from 'pino'

export type Logger = {
  debug: (fields: object, message: string) => void
  info: (fields: object, message: string) => void
  warn: (fields: object, message: string) => void
  error: (fields: object, message: string) => void
  child: (fields: object) => Logger
}

/** JSON lines on standard output, pretty in a terminal. Secrets and personal data never reach it: what carries them is not passed, and the usual names are censored all the same. */
export function createLogger(level: string, pretty: boolean): Logger {
  return pino({
    level,
    base: null,
    redact: {
      paths: ['*.password', '*.token', '*.access', '*.refresh', '*.code', '*.authorization', '*.email'],
      censor: '[removed]',
    },
    formatters: { level: (label) => ({ level: label }) },
    timestamp: () => `,"time":"${Temporal.Now.instant().toString({ smallestUnit: 'millisecond' })}"`,
    ...(pretty
      ? { transport: { target: 'pino-pretty', options: { translateTime: 'HH:MM:ss', ignore: 'pid,hostname' } } }
      : {}),
  }) as Logger
}

/** What of an error goes into the log: never its parameters, which may be personal. The job queue tells of errors as plain objects that bear their fields. */
export function errorFields(error: unknown): { error: string; code?: string; stack?: string } {
  if (typeof error !== 'object' || error === null || !('message' in error)) return { error: String(error) }
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {}
  const stack = 'stack' in error && typeof error.stack === 'string' && error.stack ? { stack: error.stack } : {}
  return { error: String(error.message), ...code, ...stack }
}
