import { until } from './until.js'

/** How many different shades a stream shows over some frames: a picture that moves has many, a black one has one. */
export async function shades(stream: MediaStream | undefined, enough = 40): Promise<number> {
  const video = document.createElement('video')
  video.muted = true
  video.srcObject = stream ?? null
  // A stream without a frame never plays.
  void video.play().catch(() => undefined)
  const canvas = new OffscreenCanvas(32, 24)
  const context = canvas.getContext('2d', { willReadFrequently: true })
  const seen = new Set<number>()
  await until(() => {
    context?.drawImage(video, 0, 0, 32, 24)
    const { data } = context?.getImageData(0, 0, 32, 24) ?? { data: [] }
    for (let i = 0; i < data.length; i += 4) seen.add(data[i] ?? 0)
    return seen.size > enough
  }, 20_000).catch(() => undefined)
  video.srcObject = null
  return seen.size
}

/** The frames that a stream shows within a time. */
export async function framesWithin(stream: MediaStream | undefined, ms: number): Promise<number> {
  const video = document.createElement('video')
  video.muted = true
  video.srcObject = stream ?? null
  void video.play().catch(() => undefined)
  let frames = 0
  const count = () => {
    frames++
    video.requestVideoFrameCallback(count)
  }
  video.requestVideoFrameCallback(count)
  await new Promise((resolve) => setTimeout(resolve, ms))
  video.srcObject = null
  return frames
}

/** The loudest that a stream gets within a time, or until it is loud. */
export async function loudness(stream: MediaStream | undefined, ms = 10_000): Promise<number> {
  if (stream === undefined) return 0
  // Chromium feeds a remote stream into an AudioContext only while an element plays it.
  const element = document.createElement('audio')
  element.muted = true
  element.srcObject = stream
  const context = new AudioContext()
  const analyser = context.createAnalyser()
  context.createMediaStreamSource(new MediaStream(stream.getAudioTracks())).connect(analyser)
  const samples = new Float32Array(analyser.fftSize)
  let loudest = 0
  await until(() => {
    analyser.getFloatTimeDomainData(samples)
    loudest = Math.max(loudest, ...samples.map(Math.abs))
    return loudest > 0.05
  }, ms).catch(() => undefined)
  await context.close()
  element.srcObject = null
  return loudest
}
