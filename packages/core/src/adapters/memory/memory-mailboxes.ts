import {
  compareReference,
  decodeClientFrame,
  deviceOf,
  encodeClientFrame,
  encodeStampedEnvelope,
  limits,
  referenceTo,
  type Batch,
  type Chain,
  type DeviceName,
  type Envelope,
  type ErrorCode,
  type Reference,
} from '@sotto/protocol'
import type { Sent, Time } from '@sotto/core/ports'
import type { Caller, MemoryAccounts } from './memory-accounts.js'

/** An envelope in a mailbox, encoded: each delivery decodes it anew. */
export interface Mail {
  readonly number: number
  readonly at: number
  readonly from: string
  readonly triple: string
  readonly stamped: Uint8Array
}

interface Mailbox {
  readonly mail: Map<number, Mail>
}

interface Addressed {
  readonly envelope: Envelope
  readonly triple: string
  readonly account: string
  readonly accountId: string
  readonly device: string
}

const minuteMs = 60_000

/** Keeps envelopes until they are acknowledged, and knows what it was given before. */
export class MemoryMailboxes {
  readonly #accounts: MemoryAccounts
  readonly #realm: string
  readonly #time: Time
  readonly #arrived: (device: string, mail: Mail) => void
  readonly #boxes = new Map<string, Mailbox>()
  /** Triples of what was stored, with the time until which they are kept; forever as long as it was not acknowledged. */
  readonly #triples = new Map<string, number>()
  /** When each device sent its batches of the last minute. */
  readonly #sent = new Map<string, number[]>()
  #numbers = 0
  #expiredAt = 0

  constructor(options: {
    accounts: MemoryAccounts
    realm: string
    time: Time
    arrived: (device: string, mail: Mail) => void
  }) {
    this.#accounts = options.accounts
    this.#realm = options.realm
    this.#time = options.time
    this.#arrived = options.arrived
  }

  /** What waits for a device, oldest first. */
  waiting(device: string): readonly Mail[] {
    this.#expire()
    return [...(this.#boxes.get(device)?.mail.values() ?? [])]
  }

  ack(device: string, number: number): void {
    const box = this.#boxes.get(device)
    const mail = box?.mail.get(number)
    if (box === undefined || mail === undefined) return
    box.mail.delete(number)
    this.#triples.set(mail.triple, this.#time.now() + limits.triplesMs)
  }

  remove(device: string): void {
    this.#boxes.delete(device)
  }

  /** Decides on a batch, whole. Throws `malformed` or `too-large` for one that no client may send. */
  send(caller: Required<Caller>, given: Batch): Sent {
    const frame = decodeClientFrame(encodeClientFrame({ type: 'send', ref: 1, batch: given }))
    if (frame.type !== 'send') return refused('malformed')
    const { batch } = frame
    this.#expire()
    const rate = this.#rate(caller.device)
    if (rate !== undefined) return refused('rate-limited', { retryAfterMs: rate })
    const addressed = this.#address(caller, batch)
    if (typeof addressed === 'string') return refused(addressed)
    const fresh = addressed.filter(({ triple }) => !this.#triples.has(triple))
    const at = this.#time.now()
    // All of it was stored before: the answer was lost, whatever the lists say by now.
    if (fresh.length === 0) return { outcome: 'sent', at }
    const lists = this.#newer(batch.lists, fresh)
    if (lists === 'malformed') return refused('malformed')
    if (lists.length > 0) return refused('lists-outdated', { lists })
    const unknown = fresh.filter(({ account, device }) => {
      const chain = this.#accounts.chain(account)
      return chain === undefined || deviceOf(chain, device) === undefined
    })
    if (unknown.length > 0) return refused('unknown-device', { devices: unknown.map(nameOf) })
    const full = fresh.filter(({ device }) => this.#isFull(device, caller.accountId))
    if (full.length > 0) return refused('mailbox-full', { devices: full.map(nameOf) })
    for (const one of fresh) this.#store(caller, one, at)
    return { outcome: 'sent', at }
  }

  #address(caller: Required<Caller>, { shared, envelopes }: Batch): readonly Addressed[] | ErrorCode {
    const found: Addressed[] = []
    for (const { id, to, body, shared: index, ext } of envelopes) {
      if (to.type !== 'address') return 'unsupported-version'
      const { realm, account, accountId, device } = to.address
      if (realm !== this.#realm) return 'not-here'
      const bytes = body ?? (index === undefined ? undefined : shared[index])
      if (bytes === undefined || (body !== undefined && index !== undefined)) return 'malformed'
      const triple = `${caller.device} ${device} ${id}`
      if (found.some((one) => one.triple === triple)) return 'malformed'
      found.push({ envelope: { v: 1, id, to, body: bytes, ext }, triple, account, accountId, device })
    }
    return found
  }

  /** Lists that are newer than those a batch was written against; each recipient's account has to be among them. */
  #newer(claims: readonly Reference[], fresh: readonly Addressed[]): readonly Reference[] | 'malformed' {
    const newer = new Map<string, Reference>()
    const outdated = (chain: Chain) => newer.set(chain.accountId, referenceTo(chain))
    for (const claim of claims) {
      const chain = this.#accounts.chainOf(claim.accountId)
      if (chain === undefined) continue
      const standing = compareReference(claim, chain)
      if (standing === 'older' || standing === 'fork' || standing === 'other-account') outdated(chain)
    }
    for (const { account, accountId } of fresh) {
      if (!claims.some((claim) => claim.accountId === accountId)) return 'malformed'
      const chain = this.#accounts.chain(account)
      if (chain !== undefined && chain.accountId !== accountId) outdated(chain)
    }
    return [...newer.values()]
  }

  #isFull(device: string, sender: string): boolean {
    const mail = [...(this.#boxes.get(device)?.mail.values() ?? [])]
    return (
      mail.length >= limits.mailbox ||
      mail.filter(({ from }) => from === sender).length >= limits.mailboxPerSender
    )
  }

  #store(
    { account, accountId, device }: Required<Caller>,
    { envelope, triple, device: to }: Addressed,
    at: number,
  ): void {
    const stamped = encodeStampedEnvelope({ envelope, from: { account, accountId, device }, at })
    const mail: Mail = { number: ++this.#numbers, at, from: accountId, triple, stamped }
    const box = this.#boxes.get(to) ?? { mail: new Map<number, Mail>() }
    this.#boxes.set(to, box)
    box.mail.set(mail.number, mail)
    this.#triples.set(triple, Infinity)
    this.#arrived(to, mail)
  }

  /** How long to wait, where the device sends too much. */
  #rate(device: string): number | undefined {
    const now = this.#time.monotonic()
    const recent = (this.#sent.get(device) ?? []).filter((at) => now - at < minuteMs)
    this.#sent.set(device, recent)
    const [first = now] = recent
    if (recent.length >= limits.batchesPerMinute) return first + minuteMs - now
    recent.push(now)
    return undefined
  }

  #expire(): void {
    const now = this.#time.now()
    if (Math.abs(now - this.#expiredAt) < minuteMs) return
    this.#expiredAt = now
    for (const [triple, until] of this.#triples) if (until <= now) this.#triples.delete(triple)
    for (const { mail } of this.#boxes.values()) {
      for (const [number, one] of mail) {
        if (now - one.at < limits.mailboxMs) continue
        mail.delete(number)
        this.#triples.set(one.triple, one.at + limits.mailboxMs + limits.triplesMs)
      }
    }
  }
}

function refused(
  code: ErrorCode,
  more: { lists?: readonly Reference[]; devices?: readonly DeviceName[]; retryAfterMs?: number } = {},
): Sent {
  return { outcome: 'refused', code, lists: [], devices: [], ...more }
}

const nameOf = ({ accountId, device }: Addressed): DeviceName => ({ accountId, device })
