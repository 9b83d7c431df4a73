import { createServer, type Socket } from 'node:net'

/** A clamd of the tests: finds the EICAR text, and can be made to refuse, hang up or say nothing. */
export type FakeClamd = {
  port: number
  /** What each scan was sent. */
  scanned: Buffer[]
  behave: (how: 'scan' | 'hang up' | 'silent' | 'refuse') => void
  stop: () => Promise<void>
}

export const eicar = 'X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'

export async function startClamd(port = 0): Promise<FakeClamd> {
  let how = 'scan'
  const scanned: Buffer[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
    if (how === 'hang up') {
      socket.destroy()
      return
    }
    let got: Buffer = Buffer.alloc(0)
    socket.on('data', (data: Buffer) => {
      got = Buffer.concat([got, data])
      const file = how === 'scan' ? fileOf(got) : null
      if (how === 'refuse') socket.end('INSTREAM size limit exceeded. ERROR\0')
      if (!file) return
      scanned.push(file)
      socket.end(file.includes(eicar) ? 'stream: Eicar-Test-Signature FOUND\0' : 'stream: OK\0')
    })
  })
  await new Promise<void>((listening) => {
    server.listen(port, '127.0.0.1', listening)
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    scanned,
    behave: (next) => {
      how = next
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((closed) => server.close(closed))
    },
  }
}

/** The file of a whole INSTREAM command, or null while some of it is missing. */
function fileOf(got: Buffer): Buffer | null {
  const begin = 'zINSTREAM\0'
  if (got.length < begin.length) return null
  if (got.toString('latin1', 0, begin.length) !== begin) throw new Error('not the command')
  const pieces: Buffer[] = []
  for (let at = begin.length; at + 4 <= got.length;) {
    const length = got.readUInt32BE(at)
    if (length === 0) return Buffer.concat(pieces)
    if (at + 4 + length > got.length) return null
    pieces.push(got.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return null
}
