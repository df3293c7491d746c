import type { Media } from '@sotto/core/ports'
import { SottoError } from '@sotto/protocol'

/** Calls from browser to browser, whose code is fetched with the first one, or with the first check of devices. `undefined` where there is nothing to call with, as in Node. */
export function lazyMedia(): Media | undefined {
  if (globalThis.RTCPeerConnection === undefined) return undefined
  return {
    open: async (options) => (await fetched()).open(options),
    check: async (options) => (await fetched()).check(options),
  }
}

async function fetched(): Promise<Media> {
  const { peerMedia } = await import('@sotto/core/peer').catch((cause: unknown) => {
    throw new SottoError('offline', undefined, { cause })
  })
  return peerMedia()
}
