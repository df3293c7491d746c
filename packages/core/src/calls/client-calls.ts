import type { Announcement } from '../announcements.js'
import type { MediaServers } from '../ports/index.js'
import { CallHistory } from './call-history.js'
import { Calls, type CallsContext } from './calls.js'
import { SharedServers } from './shared-servers.js'

export interface ClientCallsContext extends Omit<CallsContext, 'servers'> {
  /** The leading tab's way to the backend's servers; `none` where the backend has no such part, `undefined` in a tab that does not lead. */
  readonly servers: () => MediaServers | 'none' | undefined
}

/** The part of a client that is about calls. */
export class ClientCalls extends Calls {
  readonly #servers: SharedServers
  readonly #history: CallHistory

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
    this.#history = new CallHistory((work) => context.run(work))
  }

  get history() {
    return this.#history.state
  }

  readHistory(): Promise<void> {
    return this.#history.again()
  }

  /** What another tab, or this one, said that is about calls. */
  hear(what: Announcement): void {
    if (what.kind === 'call') this.heard(what)
    if (what.kind === 'peer') void this.judge(what.account).catch(() => undefined)
    if (telling.has(what.kind)) void this.#history.refresh()
    if (what.kind === 'call-devices') void this.devices.load().catch(() => undefined)
    if (what.kind === 'servers' || what.kind === 'servers-wanted') this.#servers.hear(what)
  }
}

/** After which a line of a call may be there, another, or gone. */
const telling: ReadonlySet<Announcement['kind']> = new Set<Announcement['kind']>(['call', 'thread', 'peer'])
