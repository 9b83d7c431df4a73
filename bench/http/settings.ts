import { loadConfig, type Config } from '../../server/platform/config.ts'

/** The clock stands still, so that a database made once stays as it is: a Monday. */
export const benchNow = Temporal.Instant.from('2026-01-12T08:00:00Z')

/** The settings of a server that is measured: as of production, but nobody is refused for asking often. */
export const benchConfig = (dataDir: string): Config =>
  loadConfig(
    {
      DATA_DIR: dataDir,
      LOG_LEVEL: 'silent',
      SECRET_KEY: 'a secret for measuring, known to everybody',
      RATE_LIMIT_PER_MINUTE: '1000000',
      AUTH_RATE_LIMIT_PER_MINUTE: '1000000',
      DATABASE_POOL_SIZE: '4',
    },
    dataDir,
  )
