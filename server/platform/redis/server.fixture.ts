import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const program = 'redis-server'

/** Why tests with a real Redis cannot run here; false where they can. */
export const withoutRedis: string | false =
  spawnSync(program, ['--version']).status === 0 ? false : `${program} is not installed here`

/** A real Redis of the test's own, on a port that was free. */
export type RedisServer = {
  url: string
  /** Ends it as a power cut does: what it held is gone. */
  kill: () => Promise<void>
  /** Starts it (again) on the same port. */
  start: () => Promise<void>
  /** Stops its process without closing anything, as a network does that drops every packet; `false` lets it go on. */
  freeze: (isFrozen: boolean) => void
  stop: () => Promise<void>
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'))
    // With a password it answers -NOAUTH: it is there all the same.
    socket.once('data', (data) => resolve(/^\+PONG|^-NOAUTH/.test(data.toString())))
    socket.once('error', () => resolve(false))
    socket.once('close', () => resolve(false))
    setTimeout(() => socket.destroy(), 500).unref()
  })

/** Starts a Redis that keeps nothing on disk, with a password where one is given. */
export async function startRedis(password?: string): Promise<RedisServer> {
  const port = await freePort()
  const folder = mkdtempSync(path.join(tmpdir(), 'banister-redis-'))
  let child: ChildProcess | null = null
  const kill = async (): Promise<void> => {
    const running = child
    child = null
    if (!running || running.exitCode !== null) return
    const gone = once(running, 'exit')
    running.kill('SIGKILL')
    await gone
  }
  const start = async (): Promise<void> => {
    const settings = [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
      '--dir',
      folder,
    ]
    child = spawn(program, [...settings, ...(password ? ['--requirepass', password] : [])], { stdio: 'ignore' })
    for (let i = 0; i < 200; i++) {
      if (await answers(port)) return
      await sleep(25)
    }
    throw new Error('redis-server did not start')
  }
  await start()
  return {
    url: `redis://${password ? `:${password}@` : ''}127.0.0.1:${port}`,
    kill,
    start,
    freeze: (isFrozen) => void child?.kill(isFrozen ? 'SIGSTOP' : 'SIGCONT'),
    stop: async () => {
      await kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
