import type { MediaQuality } from '@sotto/core/ports'
import { QualityGrade, type QualityCounts } from './quality-grade.js'

const everyMs = 2_000

/** Looks every two seconds at how a connection does. Returns what stops it. */
export function watchQuality(
  connection: Pick<RTCPeerConnection, 'getStats'>,
  tell: (quality: MediaQuality) => void,
): () => void {
  const grade = new QualityGrade()
  let stopped = false
  const look = async () => {
    const counts = countsOf(await connection.getStats())
    if (!stopped) tell(grade.next(counts))
  }
  // A connection that is just being closed has no figures.
  const timer = setInterval(() => void look().catch(() => undefined), everyMs)
  return () => {
    stopped = true
    clearInterval(timer)
  }
}

function countsOf(report: RTCStatsReport): QualityCounts {
  let [lost, received, lostThere, roundTrip] = [0, 0, 0, 0]
  for (const stat of report.values() as Iterable<Record<string, unknown>>) {
    if (stat.type === 'inbound-rtp') {
      lost += numberOf(stat.packetsLost)
      received += numberOf(stat.packetsReceived)
    } else if (stat.type === 'remote-inbound-rtp' && stat.kind === 'audio') {
      // Sound is always sent; what was last said of a camera that is off would stay.
      lostThere = numberOf(stat.fractionLost)
      roundTrip = numberOf(stat.roundTripTime)
    }
  }
  return { lost, received, lostThere, roundTrip }
}

const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0)
