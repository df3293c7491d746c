import { SottoError, check } from '@sotto/protocol'
import { isUnanswered, type ReceivingChain, type SessionState } from './state.js'
import { fromBase64, toBase64, typed, untyped } from './typed-key.js'

/**
 * What a call needs to know of a receiving chain: its head, and of its skipped keys only the one that is
 * wanted.
 */
export interface ChainInUse {
  readonly chain: ReceivingChain
  readonly skipped: ReadonlyMap<number, Uint8Array>
}

/**
 * A session as it came back from the library: keys without type bytes, chains with the counter that comes
 * next.
 */
export interface LibrarySession {
  readonly rootKey: Uint8Array
  readonly ratchetPublic: Uint8Array
  readonly ratchetPrivate: Uint8Array
  readonly remoteRatchetKey: Uint8Array
  readonly previousCounter: number
  readonly baseKey: Uint8Array
  readonly chains: readonly LibraryChain[]
}

export interface LibraryChain {
  readonly sending: boolean
  readonly ratchetKey: Uint8Array
  readonly next: number
  readonly chainKey: Uint8Array | undefined
  readonly messageKeys: ReadonlyMap<number, Uint8Array>
}

/** The library's JSON: byte strings are base64, public keys carry their type byte. */
interface Json {
  readonly sessions: Readonly<Record<string, JsonSession>>
  readonly version: 'v1'
}

interface JsonSession {
  readonly indexInfo: {
    readonly remoteIdentityKey: string
    readonly closed: -1
    readonly baseKey: string
    readonly baseKeyType: number
  }
  readonly registrationId: 0
  readonly currentRatchet: {
    readonly rootKey: string
    readonly ephemeralKeyPair: { readonly pubKey: string; readonly privKey: string }
    readonly lastRemoteEphemeralKey: string
    readonly previousCounter: number
  }
  readonly pendingPreKey?: {
    readonly baseKey: string
    readonly preKeyId?: number
    readonly signedKeyId: number
  }
  readonly oldRatchetList: readonly unknown[]
  readonly chains: Readonly<Record<string, JsonChain>>
}

interface JsonChain {
  readonly chainType: number
  readonly chainKey: { readonly key?: string; readonly counter: number }
  readonly messageKeys: Readonly<Record<string, string>>
}

const chainTypes = Object.freeze({ sending: 1, receiving: 2 } as const)
const baseKeyTypes = Object.freeze({ initiator: 1, responder: 2 } as const)

/**
 * The library's record of one session, which holds what one call needs of it: the sending chain and the
 * `inUse` ones.
 */
export function writeRecord(state: SessionState, inUse: readonly ChainInUse[]): string {
  const chains: Record<string, JsonChain> = {
    [typed(state.ratchetPublic)]: {
      chainType: chainTypes.sending,
      chainKey: { counter: state.sending.next - 1, key: toBase64(state.sending.chainKey) },
      messageKeys: {},
    },
  }
  for (const { chain, skipped } of inUse) {
    chains[typed(chain.ratchetKey)] = {
      chainType: chainTypes.receiving,
      chainKey: { counter: chain.next - 1, ...(chain.chainKey && { key: toBase64(chain.chainKey) }) },
      messageKeys: Object.fromEntries([...skipped].map(([counter, key]) => [counter, toBase64(key)])),
    }
  }
  const baseKey = typed(state.baseKey)
  const session: JsonSession = {
    indexInfo: {
      remoteIdentityKey: typed(state.theirs),
      closed: -1,
      baseKey,
      baseKeyType: baseKeyTypes[state.role],
    },
    registrationId: 0,
    currentRatchet: {
      rootKey: toBase64(state.rootKey),
      ephemeralKeyPair: { pubKey: typed(state.ratchetPublic), privKey: toBase64(state.ratchetPrivate) },
      lastRemoteEphemeralKey: typed(state.remoteRatchetKey),
      previousCounter: state.previousCounter,
    },
    ...(isUnanswered(state) && {
      pendingPreKey: {
        baseKey,
        signedKeyId: state.signedPreKeyId,
        ...(state.preKeyId > 0 && { preKeyId: state.preKeyId }),
      },
    }),
    oldRatchetList: [],
    chains,
  }
  const json: Json = { sessions: { [atob(baseKey)]: session }, version: 'v1' }
  return JSON.stringify(json)
}

/** Reads the record that a call left behind. Throws `self-check-failed` where it is not one open session. */
export function readRecord(record: string | undefined): LibrarySession {
  if (record === undefined) throw new SottoError('self-check-failed')
  const json = JSON.parse(record) as Json
  const [session, ...others] = Object.values(json.sessions)
  if (session === undefined) throw new SottoError('self-check-failed')
  check(others.length === 0 && session.indexInfo.closed === -1, 'self-check-failed')
  const { currentRatchet, indexInfo } = session
  return {
    rootKey: fromBase64(currentRatchet.rootKey),
    ratchetPublic: untyped(currentRatchet.ephemeralKeyPair.pubKey),
    ratchetPrivate: fromBase64(currentRatchet.ephemeralKeyPair.privKey),
    remoteRatchetKey: untyped(currentRatchet.lastRemoteEphemeralKey),
    previousCounter: currentRatchet.previousCounter,
    baseKey: untyped(indexInfo.baseKey),
    chains: Object.entries(session.chains).map(([ratchetKey, chain]) => ({
      sending: chain.chainType === chainTypes.sending,
      ratchetKey: untyped(ratchetKey),
      next: chain.chainKey.counter + 1,
      chainKey: chain.chainKey.key === undefined ? undefined : fromBase64(chain.chainKey.key),
      messageKeys: new Map(
        Object.entries(chain.messageKeys).map(([counter, key]) => [Number(counter), fromBase64(key)]),
      ),
    })),
  }
}
