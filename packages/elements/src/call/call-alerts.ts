import type { Call, CallState } from '@sotto/core'
import { RingAttention } from './ring-attention.js'
import { Tone } from './tone.js'

interface Alerting {
  readonly call: Call | undefined
  readonly state: CallState | undefined
  readonly silent: boolean
  /** "Bob is calling." */
  readonly ringWords: string
  /** What there is to be said, by topic; empty where there is nothing. */
  readonly news: Readonly<Record<string, string>>
  readonly announce: (text: string) => void
}

/** Whatever draws attention to a call beside what is seen of it: tones, the title of the tab, what is read out. */
export class CallAlerts {
  readonly #tone = new Tone()
  readonly #attention = new RingAttention()
  #said: Readonly<Record<string, string>> = {}

  update({ call, state, silent, ringWords, news, announce }: Alerting): void {
    const rings = state?.phase === 'rung'
    const rangOut = state?.phase === 'ringing' && state.here
    if (call !== undefined && rings) this.#attention.start({ id: call.id, words: ringWords })
    else this.#attention.stop()
    if (call === undefined || silent || (!rings && !rangOut)) this.#tone.stop()
    else this.#tone.play(rings ? 'ring' : 'ringback', call.id)
    for (const [topic, text] of Object.entries(news)) {
      if (text !== '' && text !== this.#said[topic]) announce(text)
    }
    this.#said = news
  }

  stop(): void {
    this.#tone.stop()
    this.#attention.stop()
    this.#said = {}
  }
}
