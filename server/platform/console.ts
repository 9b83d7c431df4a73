import type { Context } from './context.ts'

/** A command of the console: `npx banister NAME --option value`. Answers the lines to print; an AppError is printed without a stack and ends with 1. */
export type Command = {
  summary: string
  run: (ctx: Context, args: { options: Record<string, string>; positionals: string[] }) => Promise<string[]>
}

/** `--first-name Ada --phone=1 NAME` as options and positionals; an option's name may be written with underscores. */
export function parseArguments(args: string[]): { options: Record<string, string>; positionals: string[] } {
  const options: Record<string, string> = {}
  const positionals: string[] = []
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!
    if (!arg.startsWith('--')) {
      positionals.push(arg)
      continue
    }
    const [name, inline] = [
      arg.slice(2).split('=')[0]!,
      arg.includes('=') ? arg.slice(arg.indexOf('=') + 1) : undefined,
    ]
    const next = args[i + 1]
    const value = inline ?? (next !== undefined && !next.startsWith('--') ? (i++, next) : 'true')
    options[name.replaceAll('_', '-')] = value
  }
  return { options, positionals }
}
