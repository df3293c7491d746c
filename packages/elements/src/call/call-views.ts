import type { Client } from '@sotto/core'

/** How long a call goes on that nothing shows: long enough for a page to put another element in the place of one. */
const unseenMs = 5_000

interface Views {
  count: number
  timer: ReturnType<typeof setTimeout> | undefined
}

const all = new WeakMap<Client, Views>()

/**
 * One element that shows the calls of a client. Where the last one goes, a call of this page ends soon after: nobody could see any more that a
 * microphone and a camera are on, hear the other person, or hang up.
 */
export class CallView {
  #client: Client | undefined

  /** `undefined`: it shows nothing any more. */
  show(client: Client | undefined): void {
    if (client === this.#client) return
    if (this.#client !== undefined) leave(this.#client)
    this.#client = client
    if (client !== undefined) enter(client)
  }
}

function viewsOf(client: Client): Views {
  const views = all.get(client) ?? { count: 0, timer: undefined }
  all.set(client, views)
  return views
}

function enter(client: Client): void {
  const views = viewsOf(client)
  views.count++
  clearTimeout(views.timer)
}

function leave(client: Client): void {
  const views = viewsOf(client)
  views.count--
  if (views.count > 0) return
  views.timer = setTimeout(() => {
    const call = client.call.value
    // One that is over meanwhile, with its client perhaps, has nothing to be hung up.
    if (call?.state.value.here === true) call.hangUp().catch(() => undefined)
  }, unseenMs)
}
