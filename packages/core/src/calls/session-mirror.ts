import type { MediaLink, MediaQuality, MediaSession, MediaSources, MediaStreams } from '../ports/index.js'
import { Writable } from '../readable.js'

const noStreams: MediaStreams = {
  voice: undefined,
  local: undefined,
  remote: undefined,
  localScreen: undefined,
  remoteScreen: undefined,
}

/** What a call shows of its media: there before they are, and after they are gone. */
export class SessionMirror {
  readonly streams = new Writable<MediaStreams>(noStreams)
  readonly sources = new Writable<MediaSources>({ microphone: false, camera: false, screen: false })
  readonly quality = new Writable<MediaQuality>('good')
  readonly link = new Writable<MediaLink>('connecting')
  #stops: (() => void)[] = []
  #isGone = false

  show(session: MediaSession, onlink: (link: MediaLink) => void): void {
    this.#stops = [
      session.streams.subscribe((streams) => this.streams.set(streams)),
      session.sources.subscribe((sources) => {
        // What ends lets go of all that it had: nothing of it was pulled out, and nobody is to be told.
        if (!this.#isGone) this.sources.set(sources)
      }),
      session.quality.subscribe((quality) => this.quality.set(quality)),
      session.link.subscribe((link) => {
        this.#isGone = link === 'left' || link === 'failed'
        this.link.set(link)
        onlink(link)
      }),
    ]
  }

  stop(): void {
    for (const stop of this.#stops) stop()
    this.#stops = []
    this.streams.set(noStreams)
  }
}
