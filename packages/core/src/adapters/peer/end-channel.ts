const bye = 'bye'
const beat = 'beat'
const everyMs = 1_000
/** Beats that may stay away before the other end counts as silent. */
const patience = 5

export interface EndEvents {
  /** The other end said that it goes, or its page's end made it plain. */
  left(): void
  /** Nothing comes any more though the connection may stand; or it does again. */
  silent(silent: boolean): void
}

/**
 * A channel beside the media, in the same encryption: a sign of life once a second, and a last word. Nothing else goes through it; what
 * else comes is not looked at.
 */
export class EndChannel {
  readonly #channel: RTCDataChannel
  readonly #events: EndEvents
  #timer: ReturnType<typeof setInterval> | undefined
  /** Counted in our own beats: a machine that slept is not told that the other one did. */
  #missed = 0

  constructor(connection: RTCPeerConnection, events: EndEvents) {
    this.#events = events
    this.#channel = connection.createDataChannel('end', { negotiated: true, id: 0 })
    this.#channel.onopen = () => {
      this.#timer ??= setInterval(() => this.#beat(), everyMs)
    }
    this.#channel.onmessage = ({ data }: MessageEvent<unknown>) => this.#take(data)
    this.#channel.onclose = () => this.#events.left()
    connection.ondatachannel = ({ channel }) => channel.close()
  }

  /** Whether it could be said. */
  sayBye(): boolean {
    if (this.#channel.readyState !== 'open') return false
    try {
      this.#channel.send(bye)
      return true
    } catch {
      // It can be open and take nothing more (WebRTC 1.0, section 6.2): whoever hangs up lets go all the same.
      return false
    }
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#channel.onopen = this.#channel.onmessage = this.#channel.onclose = null
  }

  #take(data: unknown): void {
    if (data === bye) return this.#events.left()
    if (data !== beat) return
    if (this.#missed >= patience) this.#events.silent(false)
    this.#missed = 0
  }

  #beat(): void {
    if (this.#channel.readyState === 'open') this.#channel.send(beat)
    if (++this.#missed === patience) this.#events.silent(true)
  }
}
