import { SottoError, check, equalBytes } from '@sotto/protocol'
import { bounds } from './bounds.js'
import type { ChainInUse, LibraryChain, LibrarySession } from './record.js'
import type { ReceivingChain, SessionState, SkippedKey } from './state.js'
import type { LaterMessage } from './wire.js'

/**
 * Finds what reading `message` needs of a session's chains, and refuses before any cryptography what cannot
 * be read or would make us derive too much. Throws `undecryptable`, `too-far-ahead`.
 */
export function chainsFor(state: SessionState, message: LaterMessage): readonly ChainInUse[] {
  const live = state.receiving.at(-1)
  const chain = state.receiving.find((one) => equalBytes(one.ratchetKey, message.ratchetKey))
  if (chain !== undefined && message.counter < chain.next) {
    const found = chain.skipped.find((one) => one.counter === message.counter)
    if (found === undefined) throw new SottoError('undecryptable')
    return [{ chain, skipped: new Map([[found.counter, found.key]]) }]
  }
  if (chain !== undefined) {
    check(chain === live, 'undecryptable')
    check(message.counter - chain.next < bounds.liveJump, 'too-far-ahead')
    return [{ chain, skipped: new Map() }]
  }
  // A new ratchet key answers ours, which nobody has seen before we sent something. (Ours, thrown back at us,
  // the library refuses.)
  check(state.sending.next > 0, 'undecryptable')
  check(message.counter < bounds.unknownJump, 'too-far-ahead')
  if (live === undefined) return []
  check(message.previousCounter - live.next < bounds.liveJump, 'too-far-ahead')
  return [{ chain: live, skipped: new Map() }]
}

/**
 * The receiving chains after a call: what the library was given, as it gave it back, and what it was not
 * shown, as it was.
 */
export function chainsAfter(
  before: readonly ReceivingChain[],
  inUse: readonly ChainInUse[],
  session: LibrarySession,
  nowMs: number,
): readonly ReceivingChain[] {
  const derivedAt = Math.floor(nowMs / 1000)
  const returned = session.chains.filter((one) => !one.sending)
  const known = before.map((chain) => {
    const given = inUse.find((one) => one.chain === chain)
    const back = returned.find((one) => equalBytes(one.ratchetKey, chain.ratchetKey))
    check((given === undefined) === (back === undefined), 'self-check-failed')
    return given === undefined || back === undefined ? chain : merge(chain, given, back, derivedAt)
  })
  const added = returned
    .filter((one) => !before.some((chain) => equalBytes(one.ratchetKey, chain.ratchetKey)))
    .map((one) => ({
      ratchetKey: one.ratchetKey,
      next: one.next,
      chainKey: one.chainKey,
      skipped: skippedOf(one, derivedAt),
    }))
  check(added.length <= 1, 'self-check-failed')
  return prune([...known, ...added], nowMs)
}

function merge(
  chain: ReceivingChain,
  given: ChainInUse,
  back: LibraryChain,
  derivedAt: number,
): ReceivingChain {
  check(back.next >= chain.next, 'self-check-failed')
  for (const counter of back.messageKeys.keys()) check(counter >= chain.next, 'self-check-failed')
  const kept = chain.skipped.filter((one) => !given.skipped.has(one.counter))
  return {
    ...chain,
    next: back.next,
    chainKey: back.chainKey,
    skipped: [...kept, ...skippedOf(back, derivedAt)],
  }
}

const skippedOf = (chain: LibraryChain, derivedAt: number): readonly SkippedKey[] =>
  [...chain.messageKeys]
    .map(([counter, key]) => ({ counter, derivedAt, key }))
    .sort((a, b) => a.counter - b.counter)

/** Forgets the oldest: chains beyond the bound, keys that have waited too long, keys beyond the bound. */
function prune(chains: readonly ReceivingChain[], nowMs: number): readonly ReceivingChain[] {
  const oldest = Math.floor((nowMs - bounds.keyMs) / 1000)
  const pruned: ReceivingChain[] = []
  let room: number = bounds.keys
  for (const chain of chains.slice(-(bounds.oldChains + 1)).reverse()) {
    const fresh = chain.skipped.filter((one) => one.derivedAt > oldest)
    const skipped = room > 0 ? fresh.slice(-room) : []
    room -= skipped.length
    pruned.unshift({ ...chain, skipped })
  }
  return pruned
}
