import type { Channel, Channels } from '@sotto/core/ports'

/** `BroadcastChannel`: between all tabs of an origin, and clients on one page. */
export function broadcastChannels(): Channels {
  return { open: (name) => new Broadcast(name) }
}

class Broadcast implements Channel {
  onmessage: ((message: unknown) => void) | undefined
  readonly #channel: BroadcastChannel

  constructor(name: string) {
    this.#channel = new BroadcastChannel(name)
    this.#channel.onmessage = ({ data }: MessageEvent<unknown>) => this.onmessage?.(data)
  }

  post(message: unknown): void {
    try {
      this.#channel.postMessage(message)
    } catch (error) {
      // Closed: then nobody needs to be told any more.
      if (!(error instanceof DOMException) || error.name !== 'InvalidStateError') throw error
    }
  }

  close(): void {
    this.#channel.close()
  }
}
