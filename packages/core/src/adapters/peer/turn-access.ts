import type { MediaOptions, MediaServer } from '@sotto/core/ports'

/** How long another way waits for servers to be named again: who named them may be away just then. */
const patienceMs = 5_000

export function configurationOf(options: MediaOptions, servers: readonly MediaServer[]): RTCConfiguration {
  return {
    iceServers: servers.map(({ urls, username, credential }) => ({ urls: [...urls], username, credential })),
    iceTransportPolicy: options.relayOnly ? 'relay' : 'all',
    bundlePolicy: 'max-bundle',
    rtcpMuxPolicy: 'require',
  }
}

/** What lets a connection into its servers. It ends before a long call does, and each new way between both ends has to be let in again. */
export class TurnAccess {
  readonly #connection: RTCPeerConnection
  readonly #options: MediaOptions
  #used: readonly MediaServer[]
  #asking: Promise<void> | undefined

  constructor(connection: RTCPeerConnection, options: MediaOptions) {
    this.#connection = connection
    this.#options = options
    this.#used = options.servers
  }

  /** Where it has become old, it is another one from then on. Resolves also where none came: what there is may still do. */
  async renew(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined
    })
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, patienceMs)
    })
    await Promise.race([this.#asking, late])
    clearTimeout(timer)
  }

  async #ask(): Promise<void> {
    const servers = await this.#options.freshServers?.().catch(() => undefined)
    // A connection that goes through servers is not led past them by a backend that names none any more.
    if (servers === undefined || servers.length === 0 || servers === this.#used) return
    if (this.#connection.signalingState === 'closed') return
    this.#connection.setConfiguration(configurationOf(this.#options, servers))
    this.#used = servers
  }
}
