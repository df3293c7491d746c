import type { Media } from '@sotto/core/ports'
import { SottoError } from '@sotto/protocol'

/** Calls from browser to browser, whose code is fetched with the first one. `undefined` where there is nothing to call with, as in Node. */
export function lazyMedia(): Media | undefined {
  if (globalThis.RTCPeerConnection === undefined) return undefined
  return {
    async open(options) {
      const { peerMedia } = await import('@sotto/core/peer').catch((cause: unknown) => {
        throw new SottoError('offline', undefined, { cause })
      })
      return peerMedia().open(options)
    },
  }
}
