import { whenAllowed } from './when-allowed.js'

/** Often enough to look alive; where the person wants little motion, just often enough to be believed. */
const everyMs = { lively: 50, calm: 500 }

/** Loudness in decibels below full scale: under the first a quiet room, over the second somebody who speaks up. */
const range = { from: -60, to: -10 }

/** Tells how loud a stream is, from 0 to 1, again and again, until it is aborted. Where the browser has no Web Audio, or no say, nothing is told. */
export async function measureLevel(
  stream: MediaStream,
  onlevel: (level: number) => void,
  signal: AbortSignal,
): Promise<void> {
  await whenAllowed(signal)
  if (signal.aborted || globalThis.AudioContext === undefined) return
  const context = new AudioContext()
  signal.addEventListener('abort', () => void context.close(), { once: true })
  const analyser = context.createAnalyser()
  // It goes nowhere else, so that nobody hears themselves.
  context.createMediaStreamSource(stream).connect(analyser)
  const samples = new Float32Array(analyser.fftSize)
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches
  const timer = setInterval(
    () => {
      analyser.getFloatTimeDomainData(samples)
      onlevel(levelOf(samples))
    },
    calm ? everyMs.calm : everyMs.lively,
  )
  signal.addEventListener('abort', () => clearInterval(timer), { once: true })
}

/** By their mean power, as one hears it. */
function levelOf(samples: Float32Array): number {
  let sum = 0
  for (const sample of samples) sum += sample * sample
  const decibels = 10 * Math.log10(sum / samples.length)
  return Math.min(1, Math.max(0, (decibels - range.from) / (range.to - range.from)))
}
