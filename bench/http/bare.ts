/** The least that can answer over HTTP: `node:http` with the bytes that its parent has named for each request, in a process of its own. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export type BareAsk = { ask: 'cpu' } | { answers: string[] }

let answers: Buffer[] = []
let next = 0

const server = createServer((request, response) => {
  const answer = answers[next++ % answers.length] ?? Buffer.alloc(0)
  request.resume().on('end', () => {
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': answer.length })
    response.end(answer)
  })
})
process.on('message', (given: BareAsk) => {
  if ('answers' in given) answers = given.answers.map((text) => Buffer.from(text))
  const { user, system } = process.cpuUsage()
  process.send?.({ cpu: (user + system) / 1000 })
})
process.on('disconnect', () => process.exit(0))
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
