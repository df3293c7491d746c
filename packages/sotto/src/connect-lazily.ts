import type { Client } from '@sotto/core'
import { SottoError } from '@sotto/protocol'
import type { ConnectOptions } from './connect.js'

/**
 * `connect()` whose code is fetched when it is first called, so that a page draws its elements before the cryptography has arrived. Rejects
 * with `offline` when the code is not to be had just now.
 */
export async function connectLazily(options: ConnectOptions): Promise<Client> {
  const { connect } = await import('./connect.js').catch((cause: unknown) => {
    throw new SottoError('offline', undefined, { cause })
  })
  return connect(options)
}
