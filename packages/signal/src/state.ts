import { SottoError, check, equalBytes, toHex } from '@sotto/protocol'
import { bounds } from './bounds.js'

/** The key of a message that has not come: when we derived it, in seconds since 1970, and 32 bytes. */
export interface SkippedKey {
  readonly counter: number
  readonly derivedAt: number
  readonly key: Uint8Array
}

/**
 * A chain of the other side's. The last one is live and has a chain key; the others are closed: nothing new
 * is derived on them.
 */
export interface ReceivingChain {
  readonly ratchetKey: Uint8Array
  /** The counter that comes next. */
  readonly next: number
  readonly chainKey: Uint8Array | undefined
  readonly skipped: readonly SkippedKey[]
}

/** One session, as the engine keeps it. Keys are 32 bytes, numbers unsigned 32-bit. */
export interface SessionState {
  readonly role: 'initiator' | 'responder'
  readonly ours: Uint8Array
  readonly theirs: Uint8Array
  readonly baseKey: Uint8Array
  readonly signedPreKeyId: number
  /** 0 is none. */
  readonly preKeyId: number
  readonly rootKey: Uint8Array
  readonly ratchetPublic: Uint8Array
  readonly ratchetPrivate: Uint8Array
  /**
   * The other side's newest ratchet key: its signed prekey where nothing was read yet, else the live chain's.
   */
  readonly remoteRatchetKey: Uint8Array
  readonly previousCounter: number
  readonly sending: { readonly next: number; readonly chainKey: Uint8Array }
  /** Oldest first. */
  readonly receiving: readonly ReceivingChain[]
}

/** Whether nothing of the other side was read in the session yet: its messages then carry what builds it. */
export const isUnanswered = (state: SessionState): boolean =>
  state.role === 'initiator' && state.receiving.length === 0

const version = 1

/** The most bytes that the fixed part, a chain and a skipped key take. */
const [headLength, chainLength, skippedLength] = [512, 72, 40] as const

/** The bytes of a session, at most 64 KiB. */
export function encodeState(state: SessionState): Uint8Array {
  const skipped = state.receiving.reduce((sum, chain) => sum + chain.skipped.length, 0)
  const writer = new Writer(headLength + state.receiving.length * chainLength + skipped * skippedLength)
  writer.number(version, 1)
  writer.number(state.role === 'initiator' ? 0 : 1, 1)
  writer.key(state.ours)
  writer.key(state.theirs)
  writer.key(state.baseKey)
  writer.number(state.signedPreKeyId)
  writer.number(state.preKeyId)
  writer.key(state.rootKey)
  writer.key(state.ratchetPublic)
  writer.key(state.ratchetPrivate)
  writer.key(state.remoteRatchetKey)
  writer.number(state.previousCounter)
  writer.number(state.sending.next)
  writer.key(state.sending.chainKey)
  writer.number(state.receiving.length, 1)
  for (const chain of state.receiving) {
    writer.key(chain.ratchetKey)
    writer.number(chain.next)
    if (chain === state.receiving.at(-1)) writer.key(chain.chainKey)
    writer.number(chain.skipped.length)
    for (const { counter, derivedAt, key } of chain.skipped) {
      writer.number(counter)
      writer.number(derivedAt)
      writer.key(key)
    }
  }
  return writer.finish()
}

/** Reads a session that we wrote. Throws `store-damaged` for anything that we cannot have written. */
export function decodeState(bytes: Uint8Array): SessionState {
  check(bytes instanceof Uint8Array && bytes.length <= bounds.session, 'store-damaged', { what: 'session' })
  const reader = new Reader(bytes)
  check(reader.number(1) === version, 'store-damaged', { what: 'session' })
  const role = reader.number(1)
  check(role <= 1, 'store-damaged', { what: 'session' })
  const state: SessionState = {
    role: role === 0 ? 'initiator' : 'responder',
    ours: reader.key(),
    theirs: reader.key(),
    baseKey: reader.key(),
    signedPreKeyId: reader.number(),
    preKeyId: reader.number(),
    rootKey: reader.key(),
    ratchetPublic: reader.key(),
    ratchetPrivate: reader.key(),
    remoteRatchetKey: reader.key(),
    previousCounter: reader.number(),
    sending: { next: reader.number(), chainKey: reader.key() },
    receiving: readChains(reader),
  }
  check(reader.done, 'store-damaged', { what: 'session' })
  check(state.signedPreKeyId > 0, 'store-damaged', { what: 'session' })
  const live = state.receiving.at(-1)
  if (live === undefined) check(state.role === 'initiator', 'store-damaged', { what: 'session' })
  else check(equalBytes(live.ratchetKey, state.remoteRatchetKey), 'store-damaged', { what: 'session' })
  return state
}

function readChains(reader: Reader): readonly ReceivingChain[] {
  const count = reader.number(1)
  check(count <= bounds.oldChains + 1, 'store-damaged', { what: 'session' })
  const chains: ReceivingChain[] = []
  const seen = new Set<string>()
  for (let i = 1; i <= count; i++) {
    const ratchetKey = reader.key()
    check(!seen.has(toHex(ratchetKey)), 'store-damaged', { what: 'session' })
    seen.add(toHex(ratchetKey))
    const next = reader.number()
    const chainKey = i === count ? reader.key() : undefined
    chains.push({ ratchetKey, next, chainKey, skipped: readSkipped(reader, next) })
  }
  return chains
}

function readSkipped(reader: Reader, next: number): readonly SkippedKey[] {
  const skipped: SkippedKey[] = []
  const count = reader.number()
  check(count <= bounds.keys, 'store-damaged', { what: 'session' })
  for (let i = 0, last = -1; i < count; i++) {
    const one = { counter: reader.number(), derivedAt: reader.number(), key: reader.key() }
    check(one.counter > last && one.counter < next, 'store-damaged', { what: 'session' })
    skipped.push(one)
    last = one.counter
  }
  return skipped
}

class Writer {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(length: number) {
    this.#bytes = new Uint8Array(length)
    this.#view = new DataView(this.#bytes.buffer)
  }

  number(value: number, width: 1 | 4 = 4): void {
    if (width === 1) this.#view.setUint8(this.#at, value)
    else this.#view.setUint32(this.#at, value)
    this.#at += width
  }

  key(value: Uint8Array | undefined): void {
    if (value?.length !== 32) throw new SottoError('store-damaged', { what: 'session' })
    this.#bytes.set(value, this.#at)
    this.#at += 32
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#at)
  }
}

class Reader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get done(): boolean {
    return this.#at === this.#bytes.length
  }

  number(width: 1 | 4 = 4): number {
    this.#need(width)
    const value = width === 1 ? this.#view.getUint8(this.#at) : this.#view.getUint32(this.#at)
    this.#at += width
    return value
  }

  key(): Uint8Array {
    this.#need(32)
    this.#at += 32
    return this.#bytes.slice(this.#at - 32, this.#at)
  }

  #need(length: number): void {
    check(length <= this.#bytes.length - this.#at, 'store-damaged', { what: 'session' })
  }
}
