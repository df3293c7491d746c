import { createRelay } from '@sotto/relay'
import { WebSocketServer } from 'ws'

/**
 * The two servers that `relay.ts` compares, each in a process of its own: `echo` sends every message back and does nothing else; `relay` is
 * ours on a file. Prints its address.
 */
const [kind, path = '', secret = ''] = process.argv.slice(2)
if (kind === 'echo') {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
  server.on('connection', (socket) => socket.on('message', (data) => socket.send(data)))
  server.on('listening', () => {
    const { port } = server.address() as { port: number }
    process.stdout.write(`http://127.0.0.1:${port}\n`)
  })
} else {
  const tokens = { secret }
  // Every client of the load comes from an address of its own, as behind a proxy.
  const relay = await createRelay({ realm: 'example.com', database: path, tokens, trustProxy: true })
  const { url } = await relay.listen({ host: '127.0.0.1', port: 0 })
  process.stdout.write(`${url}\n`)
}
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
