import type { Announcement } from '../announcements.js'
import type { MediaServers } from '../ports/index.js'
import { Calls, type CallsContext } from './calls.js'
import { SharedServers } from './shared-servers.js'

export interface ClientCallsContext extends Omit<CallsContext, 'servers'> {
  /** The leading tab's way to the backend's servers; `none` where the backend has no such part, `undefined` in a tab that does not lead. */
  readonly servers: () => MediaServers | 'none' | undefined
}

/** The part of a client that is about calls. */
export class ClientCalls extends Calls {
  readonly #servers: SharedServers

  constructor(context: ClientCallsContext) {
    const { time, announce, servers } = context
    const shared = new SharedServers({
      time,
      announce,
      leads: () => servers() !== undefined,
      list: async () => {
        const ours = servers()
        return ours === undefined || ours === 'none' ? [] : ours.list()
      },
    })
    super({ ...context, servers: () => shared.list() })
    this.#servers = shared
  }

  /** What another tab, or this one, said that is about calls. */
  hear(what: Announcement): void {
    if (what.kind === 'call') this.heard(what)
    if (what.kind === 'servers' || what.kind === 'servers-wanted') this.#servers.hear(what)
  }
}
