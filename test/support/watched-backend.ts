import { run, type SealedStore } from '@sotto/core'
import type { Backend, Connection, Delivery } from '@sotto/core/ports'
import { toHex, type Batch, type StampedEnvelope } from '@sotto/protocol'
import { repairRows } from '../../packages/core/src/messages/repair-rows.js'
import { wasRead } from '../../packages/core/src/messages/triples.js'
import { keptRows, outboxRows } from '../../packages/core/src/store/tables.js'

/** What a device told its backend, looked up in its store in the same moment: `early` is what was not there. */
export class BackendWatch {
  sent = 0
  acked = 0
  readonly early: string[] = []
  readonly #sealed: () => Promise<SealedStore>

  constructor(sealed: () => Promise<SealedStore>) {
    this.#sealed = sealed
  }

  backend(inner: Backend): Backend {
    return (login) => {
      const parts = inner(login)
      const open = async (options: { readonly signal: AbortSignal }) =>
        this.#watch(await parts.transport.open(options))
      return { ...parts, transport: { open } }
    }
  }

  #watch(connection: Connection): Connection {
    const deliver = (delivery: Delivery) => this.#deliver(delivery)
    return {
      ...(connection.aheadMs === undefined ? {} : { aheadMs: connection.aheadMs }),
      set onwake(listener: ((what: number) => void) | undefined) {
        connection.onwake = listener
      },
      send: async (batch) => {
        await this.#checkSent(batch)
        return connection.send(batch)
      },
      close: () => connection.close(),
      async *[Symbol.asyncIterator]() {
        for await (const delivery of connection) yield deliver(delivery)
      },
    }
  }

  #deliver(delivery: Delivery): Delivery {
    const ack = () => {
      this.acked++
      void this.#checkAcked(delivery.stamped)
      delivery.ack()
    }
    return { stamped: delivery.stamped, ack }
  }

  async #checkSent(batch: Batch): Promise<void> {
    this.sent++
    const stored = await run(await this.#sealed(), (rows) =>
      outboxRows.list(rows, { prefix: 'all', limit: 1000 }),
    )
    const bodies = new Set(stored.flatMap(({ row }) => (row.envelopes ?? []).map(({ body }) => toHex(body))))
    for (const { id, body } of batch.envelopes) {
      if (!(body instanceof Uint8Array) || !bodies.has(toHex(body))) this.early.push(`sent ${id}`)
    }
  }

  async #checkAcked({ from, envelope }: StampedEnvelope): Promise<void> {
    if (from === undefined) return
    const is = await run(await this.#sealed(), async (rows) => {
      const read = await wasRead(rows, from, envelope.id)
      const unread = await repairRows.list(rows, { prefix: `${from.accountId}.${from.device}`, limit: 1000 })
      const kept = await keptRows.list(rows, { prefix: from.account, limit: 1000 })
      return (
        read ||
        unread.some(({ row }) => row.envelope === envelope.id) ||
        kept.some(({ row }) => row.stamped.envelope.id === envelope.id)
      )
    })
    if (!is) this.early.push(`acknowledged ${envelope.id}`)
  }
}
