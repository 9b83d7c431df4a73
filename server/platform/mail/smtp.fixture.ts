import { once } from 'node:events'
import { SMTPServer } from 'smtp-server'
import type { SMTPServerOptions } from 'smtp-server'

/** Of a server at `localhost` that exists in tests only; valid for a hundred years. */
export const certificate = `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUQcANhMdJR3W6Gvc7aB1ro8StCIAwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTEzMzcwMloYDzIxMjYxMDI4
MTMzNzAyWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQth7TG1bSc80WEJoVb1Nd/T3y80pwZ4A2RVAnoa0CReX5t/VGUrDKA
o9Xzc+y/uf4b5KbsgjgNp8gzKah1v8sEo28wbTAdBgNVHQ4EFgQUc13kdSZ38yEb
bqPVqjoeli3b+AMwHwYDVR0jBBgwFoAUc13kdSZ38yEbbqPVqjoeli3b+AMwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIhAKaozcKsdec2UDGv9I/8xj1p7F2HfucnEULa2di3ZVqEAiBe
aaCsQRXvb4Mvn/jfiXo6aO1aUUgF6C1YQYfr/+mDmQ==
-----END CERTIFICATE-----
`
export const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgM/EQ8tZ4paq0ZkBP
qMiQK5Urus2QMmTuALnv4VfhTdmhRANCAAQth7TG1bSc80WEJoVb1Nd/T3y80pwZ
4A2RVAnoa0CReX5t/VGUrDKAo9Xzc+y/uf4b5KbsgjgNp8gzKah1v8sE
-----END PRIVATE KEY-----
`

export interface Received {
  raw: string
  /** The recipients of the envelope, which is what counts. */
  to: string[]
  from: string
}

/** A real SMTP server on a free port that keeps what it is sent, but what `refuse` answers an error for. */
export async function startSink(options: SMTPServerOptions = {}, refuse?: () => Error | undefined) {
  const received: Received[] = []
  let connections = 0
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    key,
    cert: certificate,
    logger: false,
    closeTimeout: 100,
    ...options,
    onConnect(_session, callback) {
      connections++
      callback()
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.once('end', () => {
        const raw = Buffer.concat(chunks)
        const to = session.envelope.rcptTo.map(({ address }) => address)
        const from = session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address
        const refusal = refuse?.() ?? null
        if (refusal === null) received.push({ raw: raw.toString('utf8'), to, from })
        callback(refusal)
      })
    },
  })
  // A client that distrusts our certificate hangs up; that is its right.
  server.on('error', () => {})
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const address = server.server.address()
  if (address === null || typeof address === 'string') throw new Error('the sink has no port')
  return {
    port: address.port,
    received,
    connections: () => connections,
    stop: () => new Promise<void>((stopped) => server.close(() => stopped())),
  }
}
