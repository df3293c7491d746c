import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a browser's camera shows and its microphone hears: halves of two shades, and one tone. */
export interface FakeMedia {
  readonly left: number
  readonly right: number
  readonly hertz: number
}

const [width, height] = [320, 240]
const sampleRate = 48_000

/** Writes the files, and returns the flags with which a Chromium plays them. A browser process has one such pair. */
export function fakeMediaFlags(folder: string, { left, right, hertz }: FakeMedia): readonly string[] {
  const video = join(folder, 'camera.y4m')
  const audio = join(folder, 'microphone.wav')
  writeFileSync(video, y4m(left, right))
  writeFileSync(audio, wav(hertz))
  return [`--use-file-for-fake-video-capture=${video}`, `--use-file-for-fake-audio-capture=${audio}`]
}

/** Two frames of two grey halves (YUV4MPEG2, 4:2:0). */
function y4m(left: number, right: number): Buffer {
  const row = Buffer.concat([Buffer.alloc(width / 2, left), Buffer.alloc(width / 2, right)])
  const luma = Buffer.concat(Array.from({ length: height }, () => row))
  const chroma = Buffer.alloc((width * height) / 2, 128)
  const frame = Buffer.concat([Buffer.from('FRAME\n'), luma, chroma])
  return Buffer.concat([Buffer.from(`YUV4MPEG2 W${width} H${height} F15:1 Ip A1:1 C420jpeg\n`), frame, frame])
}

/** Five seconds of a sine, 16 bits, mono. It is played again and again: whole periods, so that no click is heard. */
function wav(hertz: number): Buffer {
  const count = sampleRate * 5
  const data = Buffer.alloc(count * 2)
  for (let i = 0; i < count; i++)
    data.writeInt16LE(Math.round(12_000 * Math.sin((2 * Math.PI * hertz * i) / sampleRate)), i * 2)
  const head = Buffer.alloc(44)
  head.write('RIFF', 0)
  head.writeUInt32LE(36 + data.length, 4)
  head.write('WAVEfmt ', 8)
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(sampleRate, 24)
  head.writeUInt32LE(sampleRate * 2, 28)
  head.writeUInt16LE(2, 32)
  head.writeUInt16LE(16, 34)
  head.write('data', 36)
  head.writeUInt32LE(data.length, 40)
  return Buffer.concat([head, data])
}
