import type { TestContext } from './test-body.js'

/** Puts `value` in the place of a property of the page; what is returned puts back what was there. */
export function replaced(on: object, name: string, value: unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(on, name)
  Object.defineProperty(on, name, { value, configurable: true, writable: true })
  return () => {
    if (before === undefined) Reflect.deleteProperty(on, name)
    else Object.defineProperty(on, name, before)
  }
}

/** A voice that is one tone, as loud as it is told to be: 1 is all there is, 0 is silence. */
export function toneVoice(gain: number): {
  readonly stream: MediaStream
  setGain(value: number): void
  end(): void
} {
  const context = new AudioContext()
  const oscillator = new OscillatorNode(context, { frequency: 440 })
  const loudness = new GainNode(context, { gain })
  const destination = new MediaStreamAudioDestinationNode(context)
  oscillator.connect(loudness).connect(destination)
  oscillator.start()
  return {
    stream: destination.stream,
    setGain: (value) => (loudness.gain.value = value),
    end: () => void context.close(),
  }
}

/** A page on which somebody has done something, so that it may use Web Audio. Counts the contexts that are open. */
export function audible(context: TestContext): { open: number } {
  const contexts = { open: 0 }
  class Counted extends AudioContext {
    constructor() {
      super()
      contexts.open++
    }
    override close(): Promise<void> {
      contexts.open--
      return super.close()
    }
  }
  context.after(replaced(globalThis, 'AudioContext', Counted))
  context.after(replaced(navigator, 'userActivation', { hasBeenActive: true }))
  return contexts
}
