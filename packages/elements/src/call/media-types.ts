import type { Call } from '@sotto/core'

/** What a call says of its media, by the names that the port for media has for it. */
export type MediaSources = Call['sources']['value']
export type MediaStreams = Call['streams']['value']
export type MediaQuality = Call['quality']['value']
