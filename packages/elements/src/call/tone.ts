import { playNote, type Note } from './note.js'
import { whenAllowed } from './when-allowed.js'

/** Notes, and after how many milliseconds they come again. */
interface Pattern {
  readonly notes: readonly Omit<Note, 'loudness'>[]
  readonly everyMs: number
  readonly loudness: number
}

const patterns = {
  /** Somebody calls. */
  ring: {
    notes: [
      { at: 0, length: 0.5, hz: 523.25 },
      { at: 0.22, length: 0.9, hz: 659.25 },
      { at: 0.95, length: 0.5, hz: 523.25 },
      { at: 1.17, length: 0.9, hz: 659.25 },
    ],
    everyMs: 3500,
    loudness: 0.14,
  },
  /** It rings at the other end. */
  ringback: {
    notes: [
      { at: 0, length: 1.1, hz: 425 },
      { at: 0, length: 1.1, hz: 430 },
    ],
    everyMs: 4500,
    loudness: 0.04,
  },
} satisfies Readonly<Record<string, Pattern>>

export type ToneName = keyof typeof patterns

/** Plays soft notes until it is told to stop. Only where the page may make a sound; of several tabs that ring, one is heard. */
export class Tone {
  #playing: { readonly key: string; readonly abort: AbortController } | undefined

  /** `of` is what it plays for: the same again changes nothing. */
  play(name: ToneName, of: string): void {
    const key = `${name}/${of}`
    if (this.#playing?.key === key) return
    this.stop()
    const abort = new AbortController()
    this.#playing = { key, abort }
    void whenAllowed(abort.signal)
      .then(() => alone(`sotto-tone/${key}`, abort.signal, () => sound(patterns[name], abort.signal)))
      .catch((error: unknown) => {
        // It was stopped before it was its turn, or this browser has no sound: the card is seen and announced all the same.
        if (!abort.signal.aborted && !(error instanceof DOMException)) throw error
      })
  }

  stop(): void {
    this.#playing?.abort.abort()
    this.#playing = undefined
  }
}

async function alone(name: string, signal: AbortSignal, run: () => Promise<void>): Promise<void> {
  if (navigator.locks === undefined) return run()
  return navigator.locks.request(name, { signal }, run)
}

/** Resolves when it is stopped. */
async function sound({ notes, everyMs, loudness }: Pattern, signal: AbortSignal): Promise<void> {
  if (signal.aborted || globalThis.AudioContext === undefined) return
  const context = new AudioContext()
  const once = () => {
    for (const note of notes) playNote(context.destination, { ...note, loudness })
  }
  once()
  const timer = setInterval(once, everyMs)
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  clearInterval(timer)
  await context.close()
}
