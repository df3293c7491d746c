import { check, isTurnAddress, limits } from '@sotto/protocol'
import type { MediaServer, MediaServers } from '@sotto/core/ports'
import type { RelaySession } from './relay-session.js'

/** The servers for calls that the relay names. One that is not right, and none is used: the browser is told of nothing else. */
export class RelayServers implements MediaServers {
  readonly #session: RelaySession

  constructor(session: RelaySession) {
    this.#session = session
  }

  async list(): Promise<readonly MediaServer[]> {
    const { servers, expiresInMs } = await this.#session.call({ method: 'POST', path: 'calls/turn' })
    check(Array.isArray(servers) && servers.length <= limits.turnServers, 'backend-failed', {})
    check(isCount(expiresInMs), 'backend-failed', {})
    return servers.map((one) => ({ ...serverOf(one), lastsMs: expiresInMs }))
  }
}

function serverOf(value: unknown): MediaServer {
  check(typeof value === 'object' && value !== null, 'backend-failed', {})
  const { urls, username, credential } = value as Readonly<Record<string, unknown>>
  check(Array.isArray(urls) && urls.length > 0 && urls.length <= limits.turnUrls, 'backend-failed', {})
  check(urls.every(isTurnAddress), 'backend-failed', {})
  check(isCredential(username) && isCredential(credential), 'backend-failed', {})
  return { urls, username, credential }
}

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0

const isCredential = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= limits.turnCredential && /^[\x21-\x7e]+$/.test(value)
