export interface Note {
  /** From now on, in seconds. */
  readonly at: number
  /** In seconds. */
  readonly length: number
  readonly hz: number
  /** 1 is all there is. */
  readonly loudness: number
}

/** A note that swells at once and dies away, as of something struck softly. */
export function playNote(to: AudioNode, { at, length, hz, loudness }: Note): OscillatorNode {
  const { context } = to
  const begin = context.currentTime + at
  const oscillator = new OscillatorNode(context, { type: 'sine', frequency: hz })
  const gain = new GainNode(context, { gain: 0 })
  gain.gain.setValueAtTime(0, begin)
  gain.gain.linearRampToValueAtTime(loudness, begin + 0.03)
  gain.gain.exponentialRampToValueAtTime(0.0001, begin + length)
  oscillator.connect(gain).connect(to)
  oscillator.start(begin)
  oscillator.stop(begin + length)
  return oscillator
}
