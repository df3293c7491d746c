import {
  SottoError,
  check,
  compareReference,
  decodeStampedEnvelope,
  encodeStampedEnvelope,
  preKeyKinds,
  referenceTo,
  verifyPreKey,
  type Address,
  type Batch,
  type Signed,
} from '@sotto/protocol'
import type { Connection, Delivery, Directory, PreKeyUpload, Sent, Time, Transport } from '@sotto/core/ports'
import { realm, type Founded } from './founding.js'
import type { Rules } from './rules.js'

/** An envelope on its way. */
export interface Mail {
  readonly number: number
  readonly to: string
  readonly stamped: Uint8Array
}

/** Who logs in: as a relay knows it, without the proofs. */
export interface Visitor {
  readonly address: Address
  readonly epoch: number
  readonly sends: number
}

interface Keys {
  readonly signingKey: Uint8Array
  signedPreKey: Signed | undefined
  signedPreKeyId: number
  readonly unused: Signed[]
}

/**
 * A backend that delivers when it is told to, and in the order it is told. Otherwise it keeps to a relay's rules, but for what it need not
 * suspect anybody of: nobody here publishes a list.
 */
export class MachineNetwork {
  /** What was taken and not acknowledged, by device, in the order in which it will be delivered. */
  readonly boxes = new Map<string, Mail[]>()
  readonly #time: Time
  readonly #founded: Founded
  readonly #keys = new Map<string, Keys>()
  readonly #triples = new Set<string>()
  readonly #claims = new Map<string, number>()
  readonly #epochs = new Map<string, number>()
  readonly #sends = new Map<string, number>()
  readonly #down = new Set<string>()
  readonly #connections = new Map<string, MachineConnection>()
  readonly #onsend: (batch: Batch) => void
  readonly #remembers: Rules['remembers']
  #losing: string | undefined
  #numbers = 0

  constructor(options: {
    founded: Founded
    time: Time
    onsend: (batch: Batch) => void
    remembers: Rules['remembers']
  }) {
    const { founded, time, onsend, remembers } = options
    this.#remembers = remembers
    this.#founded = founded
    this.#time = time
    this.#onsend = onsend
    for (const { own, keys, signingKey } of founded.devices) {
      const { signedPreKey, preKeys } = keys
      this.#keys.set(own.address.device, {
        signingKey,
        signedPreKey,
        signedPreKeyId: 1,
        unused: [...preKeys],
      })
    }
  }

  isUp(device: string): boolean {
    return !this.#down.has(device)
  }

  /** Cuts a device off. */
  cut(device: string): void {
    this.#down.add(device)
    this.#connections.get(device)?.close()
  }

  mend(device: string): void {
    this.#down.delete(device)
  }

  /** The next batch of a device is taken, and the device is cut off before it hears of it. */
  loseAnswer(device: string): void {
    this.#losing = device
  }

  /** Nothing is lost any more. */
  behave(): void {
    this.#losing = undefined
    this.#down.clear()
  }

  /** Hands over the first of a device's box. `false` where there is nothing, or nobody to take it. */
  deliver(device: string): boolean {
    const connection = this.#connections.get(device)
    const next = this.boxes.get(device)?.find(({ number }) => connection?.has(number) === false)
    if (connection === undefined || next === undefined) return false
    connection.arrive(next)
    return true
  }

  backend(visitor: () => Visitor): { readonly transport: Transport; readonly directory: Directory } {
    return {
      transport: { open: async ({ signal }) => this.#open(this.#enter(visitor()), signal) },
      directory: this.#directory(visitor),
    }
  }

  #enter({ address, epoch, sends }: Visitor): Address {
    const { device } = address
    check(this.isUp(device), 'offline')
    const known = { epoch: this.#epochs.get(device) ?? 0, sends: this.#sends.get(device) ?? 0 }
    check(this.#remembers === 'nothing' || epoch >= known.epoch, 'rolled-back', known)
    check(this.#remembers !== 'epoch and sends' || sends >= known.sends, 'rolled-back', known)
    this.#epochs.set(device, epoch)
    return address
  }

  #open(address: Address, signal: AbortSignal): Connection {
    const { device } = address
    const connection = new MachineConnection({
      send: (batch) => this.#take(address, batch),
      ack: (number) => {
        const box = this.boxes.get(device) ?? []
        this.boxes.set(
          device,
          box.filter((one) => one.number !== number),
        )
      },
    })
    this.#connections.get(device)?.close()
    this.#connections.set(device, connection)
    signal.addEventListener('abort', () => connection.close(), { once: true })
    return connection
  }

  #take(from: Address, batch: Batch): Sent {
    check(this.isUp(from.device), 'offline')
    this.#onsend(batch)
    const outdated = batch.lists.flatMap((claim) => {
      const found = this.#founded.accounts.find(({ chain }) => chain.accountId === claim.accountId)
      const isOutdated = found !== undefined && compareReference(claim, found.chain) !== 'same'
      return isOutdated ? [referenceTo(found.chain)] : []
    })
    if (outdated.length > 0)
      return { outcome: 'refused', code: 'lists-outdated', lists: outdated, devices: [] }
    for (const { id, to, body, ext } of batch.envelopes) {
      if (to.type !== 'address' || body === undefined) throw new SottoError('malformed', { what: 'envelope' })
      const { device } = to.address
      const triple = `${from.device} ${device} ${id}`
      if (this.#triples.has(triple)) continue
      this.#triples.add(triple)
      const { account, accountId } = from
      const stamped = encodeStampedEnvelope({
        envelope: { v: 1, id, to, body, ext },
        from: { account, accountId, device: from.device },
        at: this.#time.now(),
      })
      const box = this.boxes.get(device) ?? []
      box.push({ number: ++this.#numbers, to: device, stamped })
      this.boxes.set(device, box)
    }
    this.#sends.set(from.device, Math.max(batch.sends, this.#sends.get(from.device) ?? 0))
    if (this.#losing === from.device) {
      this.#losing = undefined
      this.cut(from.device)
      throw new SottoError('offline')
    }
    return { outcome: 'sent', at: this.#time.now() }
  }

  #directory(visitor: () => Visitor): Directory {
    const enter = () => this.#enter(visitor())
    return {
      publish: async () => check(false, 'forbidden'),
      lists: async (account, since) => {
        check(this.isUp(visitor().address.device), 'offline')
        const found = this.#founded.accounts.find(({ chain }) => chain.account === account)
        return found?.lists.slice(since?.sequence ?? 0) ?? []
      },
      publishKeys: async (keys) => this.#takeKeys(enter(), keys),
      countKeys: async () => {
        const { signedPreKeyId, unused } = this.#keysOf(enter().device)
        return { preKeys: unused.length, signedPreKey: signedPreKeyId }
      },
      claim: async (_account, device) => this.#claim(enter(), device),
    }
  }

  #keysOf(device: string): Keys {
    const keys = this.#keys.get(device)
    if (keys === undefined) throw new SottoError('unknown-device')
    return keys
  }

  #takeKeys({ accountId, device }: Address, { signedPreKey, preKeys }: PreKeyUpload): void {
    const keys = this.#keysOf(device)
    if (signedPreKey !== undefined) {
      const owner = { realm, accountId, device, signingKey: keys.signingKey }
      keys.signedPreKeyId = verifyPreKey(signedPreKey, owner, preKeyKinds.signed, 0).id
      keys.signedPreKey = signedPreKey
    }
    keys.unused.push(...preKeys)
  }

  #claim(caller: Address, device: string) {
    const { signedPreKey, unused } = this.#keysOf(device)
    if (signedPreKey === undefined) return undefined
    const who = `${caller.device} ${device}`
    const last = this.#claims.get(who)
    if (last !== undefined && this.#time.now() - last < 3_600_000) return { signedPreKey }
    this.#claims.set(who, this.#time.now())
    const preKey = unused.shift()
    return preKey === undefined ? { signedPreKey } : { signedPreKey, preKey }
  }
}

class MachineConnection implements Connection {
  onwake: ((what: number) => void) | undefined
  readonly #wire: { send(batch: Batch): Sent; ack(number: number): void }
  readonly #given = new Set<number>()
  readonly #queue: Mail[] = []
  #isOpen = true
  #wake: (() => void) | undefined

  constructor(wire: { send(batch: Batch): Sent; ack(number: number): void }) {
    this.#wire = wire
  }

  /** Whether a mail was handed over on this connection; it is not handed over again, nor anything once it is closed. */
  has(number: number): boolean {
    return !this.#isOpen || this.#given.has(number)
  }

  arrive(mail: Mail): void {
    this.#given.add(mail.number)
    this.#queue.push(mail)
    this.#wake?.()
  }

  async send(batch: Batch): Promise<Sent> {
    check(this.#isOpen, 'offline')
    return this.#wire.send(batch)
  }

  close(): void {
    this.#isOpen = false
    this.#queue.length = 0
    this.#wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Delivery, void> {
    while (this.#isOpen) {
      const mail = this.#queue.shift()
      if (mail === undefined) {
        await new Promise<void>((resolve) => (this.#wake = resolve))
        continue
      }
      const { number, stamped } = mail
      yield {
        stamped: decodeStampedEnvelope(stamped),
        ack: () => {
          if (this.#isOpen) this.#wire.ack(number)
        },
      }
    }
  }
}
