import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** PostgreSQL's processes, whether titled (`postgres: name: checkpointer`) or not, and setpriv about to become one. */
const OURS = /^([^\0]*\/)?(postgres|setpriv)[:\0 ]/

/**
 * The pids of PostgreSQL's living processes whose command line contains `tag`; a zombie has no command line and so is not among them.
 *
 * The command line is read because it is open to everybody: `/proc/<pid>/cwd` and `exe` of another user's process are closed even
 * to root in a container without CAP_SYS_PTRACE. Answers undefined where command lines cannot be read (Windows).
 */
export function processesTagged(tag: string): Set<number> | undefined {
  if (process.platform === 'win32') return undefined
  if (process.platform !== 'linux') return processesTaggedByPs(tag)
  const found = new Set<number>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      const line = readFileSync(`/proc/${name}/cmdline`, 'latin1')
      if (line.includes(tag) && OURS.test(line)) found.add(Number(name))
    } catch {
      // it ended between the two reads
    }
  }
  return found
}

function processesTaggedByPs(tag: string): Set<number> {
  const lines = execFileSync('ps', ['-Ao', 'pid=,args='], { encoding: 'utf8', maxBuffer: 1 << 26 }).split('\n')
  const ours = lines.filter((line) => line.includes(tag) && OURS.test(line.trim().replace(/^\d+\s+/, '')))
  return new Set(ours.map((line) => Number.parseInt(line, 10)))
}

/**
 * When the process began, in the kernel's ticks: with the pid it names one process for good, whereas a pid alone is given again.
 * Answers undefined for a process that is gone or a zombie, and '0' where the kernel does not tell (not Linux).
 */
export function startOf(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') {
      // The second field is the name in brackets and may hold spaces and brackets itself: count from the last one.
      const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
        .replace(/^.*\) /s, '')
        .split(' ')
      return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19]
    }
    process.kill(pid, 0)
    return '0'
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM' ? '0' : undefined
  }
}
