import { SottoError, check, type CallDescription, type CallMedia } from '@sotto/protocol'
import type { CandidateBatch } from './candidate-batch.js'
import { acceptCandidate } from './candidates.js'
import { readDescription, type Description, type Setup } from './description.js'
import type { Sound } from './flow.js'
import { forgetAddresses } from './forget-addresses.js'
import { writeDescription } from './write-description.js'

export interface NegotiationOptions {
  /** Whether this end makes the offers. */
  readonly offers: boolean
  /** Those that this browser sends in packets of one size. */
  readonly sounds: readonly Sound[]
  /** Addresses of this end, which are told to the other one. */
  readonly own: CandidateBatch
  readonly onsignal: (media: CallMedia) => void
  /** Called when the other end's offer is in place, before it is answered. */
  readonly onoffer: () => Promise<void>
  /** Called when the other end looks for another way, and wants an offer for it. */
  readonly onasked: () => void
}

/** Addresses that are tried for one description: each gets packets of ours. */
const mostCandidates = 64
/** How long another way that is tried may take before the next one is: on a slow network it is several times there and back. */
const tryMs = 4_000
/** How long we wait for addresses of another way: an end that finds none says nothing. */
const ownLateMs = 1_000

/**
 * What two ends say of themselves, and in which order. One of them makes all offers and the other one asks it to, so that they never offer at
 * once and no offer is taken back: after that Chromium goes on receiving pictures and shows none of them any more. Everything is done one
 * after the other, so that nothing is described while something is taken.
 */
export class Negotiation {
  readonly #connection: RTCPeerConnection
  readonly #options: NegotiationOptions
  #fingerprint: string | undefined
  /** Of the other end; as it was settled by the first answer. */
  #role: Setup | undefined
  #restarts = false
  /** When this end last described itself or asked the other to, in milliseconds of this page. */
  #triedAt = -Infinity
  #early: RTCIceCandidateInit[] = []
  #candidates = 0
  #queue: Promise<unknown> = Promise.resolve()
  #releasing: ReturnType<typeof setTimeout> | undefined
  #stopped = false

  constructor(connection: RTCPeerConnection, options: NegotiationOptions) {
    this.#connection = connection
    this.#options = options
  }

  /** What the other end committed to with its first description, as `sha-256 AB:CD:…`. */
  get fingerprint(): string | undefined {
    return this.#fingerprint
  }

  /** Rejects with `call-refused`, and nothing is changed; with `call-over` after `stop`. */
  take(media: CallMedia): Promise<void> {
    return this.#inOrder(async () => {
      if (media.type === 'candidates') await this.#takeAll(media)
      else if (media.type === 'restart') this.#asked()
      else await this.#describe(media)
    })
  }

  offer(): Promise<void> {
    return this.#inOrder(() => this.#offer())
  }

  /** Looks for another way; where the ends are just describing themselves, afterwards. */
  restart(): Promise<void> {
    return this.#inOrder(async () => {
      if (this.#options.offers) {
        this.#restarts = true
        return this.#restart()
      }
      this.#triedAt = performance.now()
      this.#options.onsignal({ type: 'restart' })
    })
  }

  /** Whether another way is being tried, and has not had its time. */
  get isTrying(): boolean {
    return this.#connection.signalingState !== 'stable' || performance.now() - this.#triedAt < tryMs
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#releasing)
  }

  #inOrder(work: () => Promise<void>): Promise<void> {
    const done = this.#queue.then(async () => {
      if (this.#stopped) throw new SottoError('call-over')
      try {
        await work()
      } catch (cause) {
        // Who hung up meanwhile has closed the connection under it.
        throw this.#stopped ? new SottoError('call-over', undefined, { cause }) : cause
      }
    })
    this.#queue = done.catch(() => undefined)
    return done
  }

  async #takeAll({ candidates }: Extract<CallMedia, { type: 'candidates' }>): Promise<void> {
    const accepted = candidates.map(acceptCandidate)
    const few = this.#candidates + accepted.length <= mostCandidates
    check(few, 'call-refused', { reason: 'too many candidates' })
    this.#candidates += accepted.length
    if (this.#connection.remoteDescription === null) this.#early.push(...accepted)
    else for (const one of accepted) await refusing(this.#connection.addIceCandidate(one))
    if (this.#connection.signalingState === 'stable') this.#options.own.release()
  }

  #asked(): void {
    check(this.#options.offers, 'call-refused', { reason: 'not ours to offer' })
    // What it has not answered yet it had not got when it asked: its answer is of the network that it has now.
    if (this.#connection.signalingState === 'stable') this.#options.onasked()
  }

  async #describe({ type, sdp }: CallDescription): Promise<void> {
    const { offers, sounds } = this.#options
    const { signalingState } = this.#connection
    const described = readDescription(sdp, type, sounds)
    this.#check(described, type)
    check(type === 'answer' || !offers, 'call-refused', { reason: 'not theirs to offer' })
    const expected = type === 'offer' || signalingState === 'have-local-offer'
    check(expected, 'call-refused', { reason: 'an answer to nothing' })
    // Once settled, the role is not left open again: Firefox would turn it round in its next answer.
    const setup = (type === 'offer' ? this.#role : undefined) ?? described.setup
    const written = writeDescription({ ...described, setup })
    await refusing(this.#connection.setRemoteDescription({ type, sdp: written }))
    this.#fingerprint = described.fingerprint
    this.#candidates = this.#early.length
    for (const one of this.#early.splice(0)) await refusing(this.#connection.addIceCandidate(one))
    if (type === 'offer') return this.#answer()
    this.#role = described.setup
    this.#releasing = setTimeout(() => this.#options.own.release(), ownLateMs)
    await this.#restart()
  }

  /** A certificate and a role are for the whole call. */
  #check({ fingerprint, setup }: Description, type: 'offer' | 'answer'): void {
    const same = this.#fingerprint === undefined || this.#fingerprint === fingerprint
    check(same, 'call-refused', { reason: 'another certificate' })
    const fits = type === 'offer' || this.#role === undefined || this.#role === setup
    check(fits, 'call-refused', { reason: 'another role' })
  }

  async #answer(): Promise<void> {
    await this.#options.onoffer()
    if (this.#role !== undefined) await forgetAddresses(this.#connection)
    await this.#connection.setLocalDescription()
    const { setup } = this.#say('answer')
    this.#role = setup === 'active' ? 'passive' : 'active'
  }

  async #offer(): Promise<void> {
    await this.#connection.setLocalDescription()
    this.#say('offer')
  }

  /**
   * Where a browser remembers addresses, the other end is told of ours when we know some of its own, or it would try them first: Chromium (156) takes
   * whoever it does not know for worse than the way in use, which goes on in it, and Firefox waits for the new one in vain. Firefox does not keep
   * its own back: an answering Chromium would get to know it too late.
   */
  async #restart(): Promise<void> {
    if (!this.#restarts || this.#connection.signalingState !== 'stable') return
    this.#restarts = false
    clearTimeout(this.#releasing)
    this.#connection.restartIce()
    if (await forgetAddresses(this.#connection)) this.#options.own.hold()
    await this.#offer()
  }

  #say(type: 'offer' | 'answer'): Description {
    const { sdp = '' } = this.#connection.localDescription ?? {}
    const ours = readDescription(sdp, type, this.#options.sounds)
    this.#triedAt = performance.now()
    if (!this.#stopped) this.#options.onsignal({ type, sdp: writeDescription(ours) })
    return ours
  }
}

/** What the browser does not take of the other end is refused like what we do not take. */
async function refusing(work: Promise<unknown>): Promise<void> {
  try {
    await work
  } catch (cause) {
    throw new SottoError('call-refused', { reason: 'the browser does not take it' }, { cause })
  }
}
