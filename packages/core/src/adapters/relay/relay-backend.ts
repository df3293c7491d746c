import { SottoError } from '@sotto/protocol'
import type { Backend } from '@sotto/core/ports'
import { RelayDirectory } from './relay-directory.js'
import { HttpCalls } from './http-calls.js'
import { RelayServers } from './relay-servers.js'
import { RelayTransport } from './relay-transport.js'
import { RelaySession } from './relay-session.js'

export interface RelayOptions {
  /** The relay's address: `https:`, or `http:` on this machine. */
  readonly url: string
  /** Instead of the global one. */
  readonly fetch?: typeof globalThis.fetch
  /** Instead of the global one; `ws` in a Node that has none. */
  readonly WebSocket?: typeof globalThis.WebSocket
}

/** The backend that `@sotto/relay` is: HTTP with JSON, and one WebSocket. Throws `wrong-setting` for an address that is none. */
export function relayBackend(options: RelayOptions): Backend {
  const { fetch = (...args) => globalThis.fetch(...args) } = options
  const base = addressOf(options.url)
  return (login) => {
    const calls = new HttpCalls(base, fetch)
    const session = new RelaySession(calls, login, base.origin)
    const notHere = () => Promise.reject(new SottoError('not-here'))
    return {
      transport: new RelayTransport(session, base, options.WebSocket),
      directory: new RelayDirectory(session),
      servers: new RelayServers(session),
      // This version of the relay keeps neither.
      vault: { put: notHere, get: notHere, post: notHere, receive: notHere },
      blobs: { put: notHere, get: notHere },
    }
  }
}

const thisMachine: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])

function addressOf(url: string): URL {
  let address: URL
  try {
    address = new URL(url, globalThis.location?.href)
  } catch (cause) {
    throw new SottoError('wrong-setting', { name: 'relay' }, { cause })
  }
  const secure =
    address.protocol === 'https:' || (address.protocol === 'http:' && thisMachine.has(address.hostname))
  if (!secure || address.username !== '' || address.search !== '' || address.hash !== '') {
    throw new SottoError('wrong-setting', { name: 'relay' })
  }
  return address
}
