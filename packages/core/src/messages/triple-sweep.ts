import { limits } from '@sotto/protocol'
import type { Time } from '../ports/index.js'
import type { Run } from '../store/rows.js'
import { sweepTriples } from './triples.js'

/** Not at once: what a person waits for comes first. */
const firstMs = 60_000
const everyMs = 86_400_000
/** Between two pieces, so that other commits have their turn. */
const pauseMs = 100

/** Forgets, while this tab leads, which envelopes were read over 62 days ago: no backend delivers them any more. */
export class TripleSweep {
  readonly #run: Run
  readonly #time: Time

  constructor({ run, time }: { readonly run: Run; readonly time: Time }) {
    this.#run = run
    this.#time = time
  }

  /** Sweeps a minute from now and then once a day. Rejects with `aborted` when `signal` says so, and as the store does. */
  async work(signal: AbortSignal): Promise<never> {
    for (let ms = firstMs; ; ms = everyMs) {
      await this.#time.sleep(ms, signal)
      while (await this.#run((rows) => sweepTriples(rows, this.#time.now() - limits.readTriplesMs)))
        await this.#time.sleep(pauseMs, signal)
    }
  }
}
