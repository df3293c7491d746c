import { SottoError, check, type Batch } from '@sotto/protocol'
import type { Backend, Connection, Delivery, Directory, Sent } from '@sotto/core/ports'
import type { Seeded } from '../machine/seeded.js'

/** What is wrong between a device and its relay at the moment. */
export class Faults {
  readonly chance: Seeded
  /** Nothing comes through. */
  isCut = false
  /** Of a hundred answers to a batch, how many are lost, with the connection. */
  lostAnswers = 0
  /** Of a hundred acknowledgements, how many are lost. */
  lostAcks = 0
  /** Of a hundred deliveries, how many come twice. */
  doubled = 0
  /** How long a delivery may be held up, in real milliseconds: others overtake it. */
  latestMs = 0
  /** What is delivered waits. */
  isDeaf = false
  /** The device says when it logs in that it knows of all that it has done. */
  hidesWhatIsForgotten = false
  readonly #connections = new Set<Connection>()

  constructor(chance: Seeded) {
    this.chance = chance
  }

  happens(ofHundred: number): boolean {
    return this.chance.below(100) < ofHundred
  }

  cut(): void {
    this.isCut = true
    for (const one of this.#connections) one.close()
  }

  /** The network is quiet and honest. */
  end(): void {
    this.isCut = false
    this.lostAnswers = this.lostAcks = this.doubled = this.latestMs = 0
  }

  hold(connection: Connection): void {
    this.#connections.add(connection)
  }

  release(connection: Connection): void {
    this.#connections.delete(connection)
  }
}

interface Watching {
  readonly faults: Faults
  readonly onsend: (batch: Batch) => void
  /** How far the backend's clock is ahead. */
  readonly aheadMs: () => number
}

/** A backend behind a network that does what `faults` say. */
export function faultyBackend(inner: Backend, watching: Watching): Backend {
  const { faults } = watching
  return (login) => {
    const { transport, directory, ...rest } = inner(() =>
      faults.hidesWhatIsForgotten ? { ...login(), epoch: 2 ** 30, sends: 2 ** 40 } : login(),
    )
    const through = <T>(question: () => Promise<T>): Promise<T> =>
      faults.isCut ? Promise.reject(new SottoError('offline')) : question()
    const behind: Directory = {
      publish: (list, keys) => through(() => directory.publish(list, keys)),
      lists: (account, since) => through(() => directory.lists(account, since)),
      publishKeys: (keys) => through(() => directory.publishKeys(keys)),
      countKeys: () => through(() => directory.countKeys()),
      claim: (account, device) => through(() => directory.claim(account, device)),
    }
    return {
      ...rest,
      directory: behind,
      transport: {
        open: (options) => through(async () => new FaultyConnection(await transport.open(options), watching)),
      },
    }
  }
}

class FaultyConnection implements Connection {
  readonly #inner: Connection
  readonly #watching: Watching

  constructor(inner: Connection, watching: Watching) {
    this.#inner = inner
    this.#watching = watching
    watching.faults.hold(this)
    if (watching.faults.isCut) this.close()
  }

  get onwake() {
    return this.#inner.onwake
  }

  set onwake(wake: ((what: number) => void) | undefined) {
    this.#inner.onwake = wake
  }

  get aheadMs(): number {
    return this.#watching.aheadMs()
  }

  async send(batch: Batch): Promise<Sent> {
    const { faults, onsend } = this.#watching
    check(!faults.isCut, 'offline')
    onsend(batch)
    const sent = await this.#inner.send(batch)
    if (!faults.isCut && !faults.happens(faults.lostAnswers)) return sent
    this.close()
    throw new SottoError('offline')
  }

  close(): void {
    this.#watching.faults.release(this)
    this.#inner.close()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Delivery, void> {
    const { faults } = this.#watching
    const arrived: Delivery[] = []
    let over: { readonly error?: unknown } | undefined
    let wake: (() => void) | undefined
    const arrive = (delivery: Delivery) => {
      arrived.push(delivery)
      wake?.()
    }
    const reading = (async () => {
      for await (const delivery of this.#inner) {
        for (let times = faults.happens(faults.doubled) ? 2 : 1; times > 0; times--)
          setTimeout(arrive, faults.latestMs === 0 ? 0 : faults.chance.below(faults.latestMs), delivery)
      }
    })()
    reading
      .then(
        () => (over = {}),
        (error: unknown) => (over = { error }),
      )
      .finally(() => wake?.())
    while (over === undefined || arrived.length > 0) {
      const next = faults.isDeaf ? undefined : arrived.shift()
      if (next === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve
          setTimeout(resolve, 20)
        })
        continue
      }
      const { stamped } = next
      yield { stamped, ack: () => (faults.happens(faults.lostAcks) ? undefined : next.ack()) }
    }
    if (over.error !== undefined) throw over.error as Error
  }
}
