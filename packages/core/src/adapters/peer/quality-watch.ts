import type { MediaQuality } from '@sotto/core/ports'

const everyMs = 2_000
/** Shares of packets lost, and seconds there and back, from which on somebody notices. */
const fair = { loss: 0.03, roundTrip: 0.3 }
const poor = { loss: 0.1, roundTrip: 0.7 }

/** How well a connection does: what was lost since the last look, and how long it takes. Two looks in a row have to agree. */
export class QualityWatch {
  readonly #connection: RTCPeerConnection
  readonly #tell: (quality: MediaQuality) => void
  readonly #timer: ReturnType<typeof setInterval>
  #before = { lost: 0, received: 0 }
  #last: MediaQuality = 'good'

  constructor(connection: RTCPeerConnection, tell: (quality: MediaQuality) => void) {
    this.#connection = connection
    this.#tell = tell
    this.#timer = setInterval(() => void this.#look().catch(() => undefined), everyMs)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  async #look(): Promise<void> {
    let [lost, received, roundTrip] = [0, 0, 0]
    for (const stat of (await this.#connection.getStats()).values() as Iterable<Record<string, unknown>>) {
      if (stat.type === 'inbound-rtp') {
        lost += numberOf(stat.packetsLost)
        received += numberOf(stat.packetsReceived)
      }
      if (stat.type === 'candidate-pair' && stat.nominated === true)
        roundTrip = numberOf(stat.currentRoundTripTime)
    }
    const [newLost, newReceived] = [lost - this.#before.lost, received - this.#before.received]
    this.#before = { lost, received }
    const loss = newLost + newReceived <= 0 ? 0 : Math.max(0, newLost) / (newLost + newReceived)
    const quality = gradeOf(loss, roundTrip)
    if (quality === this.#last) this.#tell(quality)
    this.#last = quality
  }
}

function gradeOf(loss: number, roundTrip: number): MediaQuality {
  if (loss >= poor.loss || roundTrip >= poor.roundTrip) return 'poor'
  return loss >= fair.loss || roundTrip >= fair.roundTrip ? 'fair' : 'good'
}

const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0)
