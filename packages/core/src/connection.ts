import { SottoError, type ErrorCode, type ErrorDetails } from '@sotto/protocol'
import type { ClientState } from './client-api.js'
import type { Lease } from './lease.js'
import type { Connection, Time, Transport } from './ports/index.js'

const firstDelayMs = 1_000
const longestDelayMs = 60_000
/** How long a connection that is asked whether it is still there may take to answer. */
const probeMs = 5_000
const copiesAnHour = 3
const hourMs = 3_600_000
/** No device was opened so often, or has sent so much: a backend that says so would leave us no room to count on. */
const mostEpochs = 2 ** 31
const mostSends = 2 ** 52

/** What the backend knows of this device and the device does not: a higher epoch, or that it has sent more. */
export type Known = ErrorDetails['rolled-back']

/** What one connection is for. Each part ends when `signal` says so, or rejects with why the connection has to end. */
export interface ConnectionWork {
  /** Everything before the socket: keys, lists. Rejects with `not-set-up-here`, `device-removed` and the like. */
  prepare(lease: Lease): Promise<void>
  /** Works until the connection ends. */
  work(connection: Connection, signal: AbortSignal): Promise<void>
  /** The backend knows a later state of this device than ours. */
  rolledBack(lease: Lease, known: Known): Promise<void>
}

export interface ConnectionContext {
  readonly transport: Transport
  readonly time: Time
  readonly work: ConnectionWork
  readonly setState: (state: ClientState) => void
  readonly warn: (error: SottoError) => void
}

/** Keeps this device connected while its tab leads: logs in, works, and tries again after what passes, with full jitter. */
export class ConnectionLoop {
  readonly #context: ConnectionContext
  #wake: (() => void) | undefined
  /** It waits for its next try; opens a connection; has, or will have to, try again at once; or none of these. */
  #trying: 'waits' | 'opens' | 'opens, and again' | undefined
  #connection: Connection | undefined
  #isProbing = false
  /** When this device was rolled back within the last hour, and whether it has waited since it was told again. */
  #rollbacks: number[] = []
  #hasPaused = false

  constructor(context: ConnectionContext) {
    this.#context = context
  }

  /** Try now: the person asked. */
  wake(): void {
    this.#wake?.()
  }

  /** Try now what is tried again anyway, and look whether what is open is alive: the network is back, or the tab is seen again. */
  hurry(): void {
    if (this.#trying === 'waits') this.#wake?.()
    // It may have begun before that. What fails now does not say what would come of the next.
    else if (this.#trying === 'opens') this.#trying = 'opens, and again'
    else if (this.#connection !== undefined) void this.#probe(this.#connection)
  }

  /** A computer that slept, or changed its network, has sockets that are open and dead. Waiting for them to say so takes a minute. */
  async #probe(connection: Connection): Promise<void> {
    if (this.#isProbing || connection.probe === undefined) return
    this.#isProbing = true
    const over = new AbortController()
    const late = this.#context.time.sleep(probeMs, over.signal).then(() => 'late')
    late.catch(() => undefined)
    const answer = await Promise.race([connection.probe(), late]).catch(() => 'over')
    over.abort()
    this.#isProbing = false
    if (answer !== 'late' || this.#connection !== connection) return
    this.#trying = 'opens, and again'
    connection.close()
  }

  async run(lease: Lease): Promise<void> {
    const { setState, time } = this.#context
    let tries = 0
    while (!lease.signal.aborted) {
      const startedAt = time.monotonic()
      const code = await this.#once(lease)
      if (lease.signal.aborted) return
      if (code === 'again') continue
      if (time.monotonic() - startedAt > longestDelayMs) tries = 0
      const final = finalStates[code]
      if (final !== undefined) {
        setState(final === 'stopped' ? { name: 'stopped', code } : { name: final })
        await this.#pause(undefined, lease.signal)
        tries = 0
        continue
      }
      const ceiling = Math.min(longestDelayMs, firstDelayMs * 2 ** tries)
      tries = Math.min(tries + 1, 10)
      const delayMs = 200 + time.random(ceiling)
      setState({ name: 'offline', code, retryAt: time.now() + delayMs })
      if (await this.#pause(delayMs, lease.signal)) tries = 0
    }
  }

  /** One connection from beginning to end. Resolves with why it ended. */
  async #once(lease: Lease): Promise<ErrorCode | 'again'> {
    const { transport, work, setState } = this.#context
    const over = new AbortController()
    const stop = () => over.abort()
    lease.signal.addEventListener('abort', stop)
    let connection: Connection | undefined
    this.#trying = 'opens'
    try {
      await work.prepare(lease)
      connection = await transport.open({ signal: over.signal })
      this.#trying = undefined
      this.#connection = connection
      setState({ name: 'online' })
      await work.work(connection, over.signal)
      return 'offline'
    } catch (error) {
      if (lease.signal.aborted) return 'aborted'
      // A store that was taken away from under this tab is its own trouble: another tab may lead on another connection to it.
      if (!SottoError.is(error) || endsTheLead.has(error.code)) throw error
      if (SottoError.is(error, 'rolled-back')) return await this.#rolledBack(lease, error.details)
      return error.code
    } finally {
      lease.signal.removeEventListener('abort', stop)
      over.abort()
      this.#connection = undefined
      connection?.close()
    }
  }

  async #rolledBack(lease: Lease, known: Known): Promise<ErrorCode | 'again'> {
    const { work, warn, time } = this.#context
    if (known.epoch > mostEpochs || known.sends > mostSends) return 'backend-failed'
    const now = time.monotonic()
    const lately = this.#rollbacks.filter((at) => now - at < hourMs)
    if (lately.length >= copiesAnHour - 1 && !this.#hasPaused) {
      // Two copies, or a backend that says so for ever: neither is to be had out as fast as it goes. What is known then may be later still.
      this.#hasPaused = true
      warn(new SottoError('copied-device'))
      return 'rolled-back'
    }
    this.#hasPaused = false
    this.#rollbacks = [...lately, now]
    await work.rolledBack(lease, known)
    return 'again'
  }

  /** Resolves after `ms`, or when somebody wakes us: then with `true`. */
  async #pause(ms: number | undefined, signal: AbortSignal): Promise<boolean> {
    const over = new AbortController()
    if (ms !== undefined && this.#trying === 'opens, and again') return true
    this.#trying = ms === undefined ? undefined : 'waits'
    const woken = new Promise<boolean>((resolve) => {
      this.#wake = () => resolve(true)
      signal.addEventListener('abort', () => resolve(false), { once: true, signal: over.signal })
    })
    const slept =
      ms === undefined
        ? woken
        : this.#context.time.sleep(ms, over.signal).then(
            () => false,
            () => false,
          )
    try {
      return await Promise.race([woken, slept])
    } finally {
      this.#wake = undefined
      over.abort()
    }
  }
}

const endsTheLead: ReadonlySet<ErrorCode> = new Set(['lost-lead', 'closed'])

/** Codes after which nothing is tried again by itself. */
const finalStates: Partial<Record<ErrorCode, 'elsewhere' | 'removed' | 'stopped'>> = {
  'not-set-up-here': 'elsewhere',
  'device-removed': 'removed',
  'device-list-fork': 'stopped',
  'wrong-account': 'stopped',
  forbidden: 'stopped',
  'store-damaged': 'stopped',
  'self-check-failed': 'stopped',
  'no-crypto': 'stopped',
  'unsupported-version': 'stopped',
  'device-list-rejected': 'stopped',
}
