/** The least that can tell a thousand sockets something: `ws` with one text for all of them, in a process of its own; and it sends back what it is sent. */
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import type { SocketAsk } from './server.ts'

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
server.on('listening', () => process.send?.({ port: (server.address() as AddressInfo).port }))
server.on('connection', (socket) => socket.on('message', (data) => socket.send(data, { binary: false })))
process.on('message', (asked: SocketAsk) => {
  if (asked.ask === 'tell')
    for (const socket of server.clients) socket.send(JSON.stringify({ type: 'note', data: asked.data }))
  const { user, system } = process.cpuUsage()
  process.send?.({ cpu: (user + system) / 1000 })
})
process.on('disconnect', () => process.exit(0))
