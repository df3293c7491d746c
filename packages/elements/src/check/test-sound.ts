import { playNote } from '../call/note.js'

/** A chord, one note after the other. */
const notes = [523.25, 659.25, 783.99]

/** Plays a sound where the other side of a call would be heard, to its end or until it is stopped. */
export class TestSound {
  #playing: AbortController | undefined

  /** `speaker` is a `deviceId`; empty is wherever the browser plays all else. Rejects where this browser plays nothing. */
  async play(speaker: string): Promise<void> {
    this.stop()
    const { signal } = (this.#playing = new AbortController())
    const context = new AudioContext()
    const destination = new MediaStreamAudioDestinationNode(context)
    // Not every browser lets a context be heard elsewhere, but an element.
    const player = new Audio()
    player.srcObject = destination.stream
    try {
      // A speaker that is gone since: it is heard where all else is.
      if (speaker !== '' && 'setSinkId' in player) await player.setSinkId(speaker).catch(() => undefined)
      await player.play()
      if (signal.aborted) return
      const last = notes
        .map((hz, i) => playNote(destination, { at: i * 0.18, length: 1, hz, loudness: 0.2 }))
        .at(-1)
      await new Promise((resolve) => {
        last?.addEventListener('ended', resolve)
        signal.addEventListener('abort', resolve, { once: true })
      })
    } finally {
      player.srcObject = null
      await context.close()
    }
  }

  stop(): void {
    this.#playing?.abort()
    this.#playing = undefined
  }
}
