import type { MediaQuality } from '@sotto/core/ports'

/** What was counted since the call began, both ways; the last round trip in seconds. */
export interface QualityCounts {
  readonly lost: number
  readonly received: number
  /** Share of ours that the other end missed, as it says. */
  readonly lostThere: number
  readonly roundTrip: number
}

/** Shares of packets lost, and seconds there and back, from which on somebody notices. */
const fair = { loss: 0.03, roundTrip: 0.3 }
const poor = { loss: 0.1, roundTrip: 0.7 }

/** How well a connection does. Two looks in a row have to agree before it is another than it was. */
export class QualityGrade {
  #before: QualityCounts = { lost: 0, received: 0, lostThere: 0, roundTrip: 0 }
  #last: MediaQuality = 'good'
  #grade: MediaQuality = 'good'

  next(counts: QualityCounts): MediaQuality {
    const lost = Math.max(0, counts.lost - this.#before.lost)
    const all = lost + Math.max(0, counts.received - this.#before.received)
    this.#before = counts
    const quality = gradeOf(Math.max(all === 0 ? 0 : lost / all, counts.lostThere), counts.roundTrip)
    if (quality === this.#last) this.#grade = quality
    this.#last = quality
    return this.#grade
  }
}

function gradeOf(loss: number, roundTrip: number): MediaQuality {
  if (loss >= poor.loss || roundTrip >= poor.roundTrip) return 'poor'
  return loss >= fair.loss || roundTrip >= fair.roundTrip ? 'fair' : 'good'
}
