import type { Client, Profile } from '@sotto/core'
import type { ReactiveController, ReactiveControllerHost } from 'lit'

interface Watched {
  readonly stop: () => void
  value: Profile
  used: boolean
}

/** Knows how accounts are shown. Those that an update asked for are listened to until an update no longer asks. */
export class ProfileController implements ReactiveController {
  readonly #host: ReactiveControllerHost & Element
  readonly #watched = new Map<string, Watched>()
  #client: Client | undefined

  constructor(host: ReactiveControllerHost & Element) {
    this.#host = host
    host.addController(this)
  }

  /** How `account` is shown just now; as its name, before the site has said more. */
  of(client: Client, account: string): Profile {
    // A host that is gone may still render what changed at the end; it must not begin to listen again.
    if (!this.#host.isConnected) return client.profile(account).value
    if (client !== this.#client) this.#drop()
    this.#client = client
    const known = this.#watched.get(account) ?? this.#watch(client, account)
    known.used = true
    return known.value
  }

  hostUpdate(): void {
    for (const one of this.#watched.values()) one.used = false
  }

  hostUpdated(): void {
    for (const [account, one] of this.#watched) {
      if (one.used) continue
      one.stop()
      this.#watched.delete(account)
    }
  }

  hostConnected(): void {
    if (this.#watched.size === 0) this.#host.requestUpdate()
  }

  hostDisconnected(): void {
    queueMicrotask(() => {
      if (!this.#host.isConnected) this.#drop()
    })
  }

  #watch(client: Client, account: string): Watched {
    const watched: Watched = { stop: () => stop(), value: { name: account }, used: true }
    const stop = client.profile(account).subscribe((value) => {
      watched.value = value
      this.#host.requestUpdate()
    })
    this.#watched.set(account, watched)
    return watched
  }

  #drop(): void {
    for (const one of this.#watched.values()) one.stop()
    this.#watched.clear()
    this.#client = undefined
  }
}
