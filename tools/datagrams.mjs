// A command of the browser tests: a UDP socket on this machine that counts what comes.
import { createSocket } from 'node:dgram'

export function datagrams() {
  const counts = new Map()
  return {
    name: 'datagrams',
    async executeCommand({ command, payload }) {
      if (command === 'datagrams-open') {
        const socket = createSocket('udp4')
        socket.unref()
        await new Promise((resolve) => socket.bind(0, '127.0.0.1', resolve))
        const { port } = socket.address()
        counts.set(port, 0)
        socket.on('message', () => counts.set(port, counts.get(port) + 1))
        return { port }
      }
      if (command === 'datagrams-count') return { count: counts.get(payload.port) ?? 0 }
      return undefined
    },
  }
}
