import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** Where S3 is, with keys that it takes. */
export type S3Server = { endpoint: string; accessKey: string; secretKey: string; stop: () => Promise<void> }

const python = '/usr/bin/python3'
const swift = '/usr/lib/python3/dist-packages/swift'

/** Why there is no Swift here, or null when there is. */
export const missingSwift = (): string | null =>
  existsSync(python) && existsSync(path.join(swift, 'common/middleware/s3api'))
    ? null
    : 'OpenStack Swift is not installed: apt-get install swift-proxy swift-account swift-container swift-object'

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/**
 * A real S3 server: OpenStack Swift of Debian with its S3 interface, four processes in a directory of their own. It ends with this process, however that ends,
 * since it lives until its standard input is closed.
 */
export async function startSwift(): Promise<S3Server> {
  const directory = mkdtempSync(path.join(tmpdir(), 'banister-swift-'))
  const ports = await Promise.all([1, 2, 3, 4].map(freePort))
  const script = fileURLToPath(new URL('./swift.fixture.py', import.meta.url))
  const server = spawn(python, [script, directory, ...ports.map(String)], { stdio: ['pipe', 'ignore', 'pipe'] })
  let said = ''
  server.stderr.on('data', (bytes: Buffer) => (said = (said + bytes.toString()).slice(-4000)))
  const endpoint = `http://127.0.0.1:${ports[0]}`
  const stop = async (): Promise<void> => {
    server.stdin.end()
    if (server.exitCode === null && server.signalCode === null) await once(server, 'exit')
    rmSync(directory, { recursive: true, force: true })
  }
  // A loaded machine needs half a minute for four Pythons.
  for (let tries = 0; tries < 600; tries++) {
    if (server.exitCode !== null) throw new Error(`Swift ended: ${said}`)
    if (await isReady(endpoint, ports)) return { endpoint, accessKey: 'test:tester', secretKey: 'testing', stop }
    await wait(100)
  }
  await stop()
  throw new Error(`Swift does not answer: ${said}`)
}

/** All four answer: the proxy alone would have nothing behind it. */
async function isReady(endpoint: string, [, ...ports]: number[]): Promise<boolean> {
  const places = [`${endpoint}/info`, ...ports.map((port) => `http://127.0.0.1:${port}/`)]
  const answers = await Promise.all(
    places.map((place) =>
      fetch(place).then(
        (answer) => answer.text().then(() => true),
        () => false,
      ),
    ),
  )
  return answers.every(Boolean)
}
