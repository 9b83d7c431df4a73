import { openPlaces } from '../../platform/backup/place.ts'
import type { Command } from '../../platform/console.ts'
import type { Context } from '../../platform/context.ts'
import { invalid } from '../../platform/errors.ts'
import { goodAmong } from './queries.ts'
import { kinds, type Kind } from './rules.ts'
import { backupsIn } from './service/keeping.ts'
import { runBackup } from './service/run.ts'

const sizeOf = (bytes: number): string =>
  bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`

/** What lies in each place, the newest last. */
async function listed(ctx: Context): Promise<string[]> {
  const lines: string[] = []
  for (const place of await openPlaces(ctx.house.config, ctx.log, ctx.house.clock)) {
    lines.push(`${place.name}:`)
    for (const kind of kinds) {
      const found = (await Array.fromAsync(backupsIn(place, kind))).toSorted((a, b) => (a.name < b.name ? -1 : 1))
      const good = await goodAmong(
        ctx,
        found.map(({ name }) => name),
      )
      for (const { name, size } of found)
        lines.push(`  ${name}  ${sizeOf(size).padStart(9)}  ${good.get(name) ?? ''}`.trimEnd())
      if (found.length === 0) lines.push(`  no backup of ${kind === 'database' ? 'the database' : 'the files'}`)
    }
  }
  return lines
}

async function made(ctx: Context, kind: Kind, to: string | undefined): Promise<string[]> {
  const backup = await runBackup(ctx, { kind, cause: 'console', wait: false, ...(to === undefined ? {} : { to }) })
  const what = kind === 'database' ? 'rows' : 'files'
  return [
    `${backup.name}: ${backup.items} ${what}, ${sizeOf(backup.file.size)}${backup.newBytes ? `, ${sizeOf(backup.newBytes)} of files were new` : ''}`,
    ...backup.places.map(({ place }) => `  in ${place}`),
    backup.verified
      ? kind === 'database'
        ? '  verified: restored beside the house, every table is the same, the books balance'
        : '  verified: every file is there'
      : `  NOT verified: ${backup.reason}`,
  ]
}

/** `backup` and `backup list`; what brings one back is not here, since it needs no house (restore.ts). */
export const commands: Record<string, Command> = {
  backup: {
    summary: 'back up now: backup [database|files] [--to DIRECTORY]; backup list: what is there',
    run: async (ctx, { options: { to, ...others }, positionals: [what, ...more] }) => {
      const unknown = Object.keys(others)[0]
      if (unknown !== undefined) throw invalid(unknown, 'There is no such option')
      if (what === 'list' && more.length === 0) return listed(ctx)
      const wanted = kinds.filter((kind) => what === undefined || what === kind)
      if (more.length > 0 || wanted.length === 0)
        throw invalid('backup', 'Say backup, backup database, backup files or backup list')
      const lines: string[] = []
      for (const kind of wanted) lines.push(...(await made(ctx, kind, to)))
      return lines
    },
  },
}
