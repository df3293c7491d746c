import type { Backend, Connection, Delivery } from '@sotto/core/ports'
import { decodeBody, encodeBody, type Batch, type StampedEnvelope } from '@sotto/protocol'

/** What becomes of an envelope on its way to a device. `lost`: the backend forgets it. */
export type Fate = StampedEnvelope | 'lost'

/** What only a text of some thousand letters has, in bytes: by its length it is told from all else. */
const longBody = 3_000

/** The last stretch to one device, on which envelopes are lost or spoilt. */
export class Post {
  /** Decides about each envelope that is delivered. */
  rule: (stamped: StampedEnvelope) => Fate = (stamped) => stamped
  /** All that was on its way, as it was sent. */
  readonly all: StampedEnvelope[] = []
  /** Nothing that the device sends gets anywhere: no question, and so no answer, heals what went wrong. */
  isDeaf = false
  /** What the device sent. */
  readonly sent: Batch[] = []

  /** Comes after what comes next, and nobody has sent it. */
  readonly forged: StampedEnvelope[] = []

  /** Decides about the next one alone. */
  next(fate: (stamped: StampedEnvelope) => Fate): { readonly done: boolean } {
    const state = { done: false }
    const before = this.rule
    this.rule = (stamped) => {
      this.rule = before
      state.done = true
      return fate(stamped)
    }
    return state
  }

  /** Decides about the long ones alone, one after the other; what comes after them is let through. */
  befalls(...fates: readonly Post['rule'][]): { readonly left: number } {
    const left = [...fates]
    this.rule = (stamped) =>
      stamped.envelope.body.length < longBody ? stamped : (left.shift()?.(stamped) ?? stamped)
    return {
      get left() {
        return left.length
      },
    }
  }

  over(inner: Backend): Backend {
    return (login) => {
      const backend = inner(login)
      const { transport } = backend
      return {
        ...backend,
        transport: { open: async (options) => this.#through(await transport.open(options)) },
      }
    }
  }

  #through(connection: Connection): Connection {
    const deliveries = this.#deliveries(connection)
    return new Proxy(connection, {
      get: (target, name) => {
        if (name === Symbol.asyncIterator) return () => deliveries
        if (name === 'send')
          return (batch: Batch) => {
            this.sent.push(batch)
            return this.isDeaf ? new Promise<never>(() => undefined) : target.send(batch)
          }
        const value: unknown = Reflect.get(target, name, target)
        return typeof value === 'function' ? (value.bind(target) as unknown) : value
      },
      set: (target, name, value) => Reflect.set(target, name, value, target),
    })
  }

  async *#deliveries(connection: Connection): AsyncGenerator<Delivery, void> {
    for await (const delivery of connection) {
      this.all.push(delivery.stamped)
      const fate = this.rule(delivery.stamped)
      if (fate === 'lost') delivery.ack()
      else yield { stamped: fate, ack: () => delivery.ack() }
      for (const stamped of this.forged.splice(0)) yield { stamped, ack: () => undefined }
    }
  }
}

export const lost = (): Fate => 'lost'

/** The envelope with another last byte in what was encrypted. */
export function spoilt(stamped: StampedEnvelope): Fate {
  const body = decodeBody(stamped.envelope.body)
  const { ciphertext } = body.body
  const last = ciphertext.length - 1
  const changed = ciphertext.map((byte, i) => (i === last ? byte ^ 1 : byte))
  return {
    ...stamped,
    envelope: { ...stamped.envelope, body: encodeBody(body.suite, { ...body.body, ciphertext: changed }) },
  }
}
