import type { MediaStreams } from '@sotto/core/ports'

export const noStreams: MediaStreams = {
  voice: undefined,
  local: undefined,
  remote: undefined,
  localScreen: undefined,
  remoteScreen: undefined,
}

/** A stream of these tracks: the one there was, where it has them, so that an element that plays it goes on. */
export function streamOf(
  before: MediaStream | undefined,
  ...tracks: readonly (MediaStreamTrack | undefined)[]
): MediaStream | undefined {
  const wanted = tracks.filter((one) => one !== undefined)
  if (wanted.length === 0) return undefined
  const had = before?.getTracks() ?? []
  const same = had.length === wanted.length && wanted.every((one) => had.includes(one))
  return same ? before : new MediaStream(wanted)
}
