import type { Client } from '@sotto/core'

/** How long a call goes on that nothing shows: long enough for a page to put another element in the place of one. */
const unseenMs = 5_000

/** Said in the window, from one element to all others: somebody comes to show the calls of a client, or goes. Who shows them as well prevents it. */
class ViewEvent extends Event {
  readonly client: Client
  readonly comes: boolean

  constructor(client: Client, comes: boolean) {
    super('sotto-call-view', { cancelable: true })
    this.client = client
    this.comes = comes
  }
}

/**
 * One element that shows the calls of a client. Where the last one goes, a call of this page ends soon after: nobody could see any more that a
 * microphone and a camera are on, hear the other person, or hang up.
 */
export class CallView {
  #client: Client | undefined
  /** Stops waiting for another element to come. */
  #wait: AbortController | undefined

  /** `undefined`: it shows nothing any more. */
  show(client: Client | undefined): void {
    const before = this.#client
    if (client === before) return
    this.#client = client
    if (before !== undefined) this.#leave(before)
    if (client === undefined) return window.removeEventListener('sotto-call-view', this.#claim)
    window.addEventListener('sotto-call-view', this.#claim)
    window.dispatchEvent(new ViewEvent(client, true))
  }

  readonly #claim = (event: Event) => {
    if ((event as ViewEvent).client === this.#client) event.preventDefault()
  }

  #leave(client: Client): void {
    if (!window.dispatchEvent(new ViewEvent(client, false))) return
    this.#wait?.abort()
    const wait = (this.#wait = new AbortController())
    const timer = setTimeout(() => {
      wait.abort()
      hangUp(client)
    }, unseenMs)
    wait.signal.addEventListener('abort', () => clearTimeout(timer))
    const come = (event: Event) => {
      const { client: theirs, comes } = event as ViewEvent
      if (comes && theirs === client) wait.abort()
    }
    window.addEventListener('sotto-call-view', come, { signal: wait.signal })
  }
}

function hangUp({ call: { value: call } }: Client): void {
  // One that is over meanwhile, with its client perhaps, has nothing to be hung up.
  if (call?.state.value.here === true) call.hangUp().catch(() => undefined)
}
