import { SottoError } from '@sotto/protocol'
import type { Connection, Time } from '../ports/index.js'
import type { Run } from '../store/rows.js'
import { outboxRows, type OutboxRow } from '../store/tables.js'
import { dueAt } from './due.js'
import { listDue, longestPutOffMs, type OutboxEntry } from './outbox.js'
import type { Sender } from './sender.js'

const firstDelayMs = 1_000
const longestDelayMs = 60_000

interface Pause {
  /** By the clock that does not jump: one that was a year ahead for a while holds nothing up for a year. */
  readonly until: number
  readonly tries: number
}

/** Empties the outbox while a connection lasts: in order within a conversation, side by side across them. A stuck one stops no other. */
export class OutboxLoop {
  readonly #sender: Sender
  readonly #run: Run
  readonly #time: Time
  readonly #pauses = new Map<string, Pause>()
  #wake: (() => void) | undefined

  constructor(sender: Sender, run: Run, time: Time) {
    this.#sender = sender
    this.#run = run
    this.#time = time
  }

  /** Something new waits. `again`: what waited may go now, too. */
  wake(again = false): void {
    if (again) this.#pauses.clear()
    this.#wake?.()
  }

  /** Resolves when `signal` says so; rejects with what ends the connection or the lead. */
  async work(connection: Connection, signal: AbortSignal): Promise<void> {
    const busy = new Map<string, Promise<void>>()
    let failed: { readonly error: unknown } | undefined
    const stop = () => this.#wake?.()
    signal.addEventListener('abort', stop)
    try {
      while (!signal.aborted && failed === undefined) {
        const woken = new Promise<void>((resolve) => (this.#wake = resolve))
        const { due, nextAt } = this.#due(
          await this.#run((rows) => listDue(rows, (row) => this.#dueAt(row) <= this.#time.now())),
        )
        for (const [account, entries] of due) {
          if (busy.has(account)) continue
          const work = this.#drain(account, entries, connection, signal)
            .catch((error: unknown) => (failed = { error }))
            .then(() => {
              busy.delete(account)
              this.#wake?.()
            })
          busy.set(account, work)
        }
        await this.#until(woken, nextAt, signal)
      }
    } finally {
      signal.removeEventListener('abort', stop)
      await Promise.all(busy.values())
    }
    if (failed !== undefined) throw failed.error
  }

  /** What may be sent now, by conversation, and when the next of the rest may. */
  #due(entries: readonly OutboxEntry[]) {
    const now = this.#time.now()
    const due = new Map<string, OutboxEntry[]>()
    let nextAt = Infinity
    for (const entry of entries) {
      const { account } = entry.row
      const at = this.#dueAt(entry.row)
      if (at > now) nextAt = Math.min(nextAt, at)
      else due.set(account, [...(due.get(account) ?? []), entry])
    }
    return { due, nextAt }
  }

  /** When an entry may be tried, in milliseconds since 1970. Never, where a person has to decide. */
  #dueAt({ account, failed, notBefore }: OutboxRow): number {
    if (failed === 1) return Infinity
    const now = this.#time.now()
    const at = dueAt(notBefore, now, longestPutOffMs)
    const pauseMs = (this.#pauses.get(account)?.until ?? 0) - this.#time.monotonic()
    return pauseMs > 0 ? Math.max(at, now + pauseMs) : at
  }

  async #drain(
    account: string,
    entries: readonly OutboxEntry[],
    connection: Connection,
    signal: AbortSignal,
  ): Promise<void> {
    for (const entry of entries) {
      if (signal.aborted) return
      if ((entry.row.notAfter ?? Infinity) < this.#time.now()) {
        await this.#run(async (rows) => outboxRows.delete(rows, entry.key))
        continue
      }
      const tried = await this.#try(entry, connection)
      if (tried.name === 'done') {
        this.#pauses.delete(account)
        continue
      }
      const tries = (this.#pauses.get(account)?.tries ?? 0) + 1
      const ceiling = Math.min(longestDelayMs, firstDelayMs * 2 ** tries)
      const ms = tried.ms ?? firstDelayMs / 2 + this.#time.random(ceiling)
      this.#pauses.set(account, { until: this.#time.monotonic() + ms, tries })
      return
    }
  }

  /** An entry that the directory or a list stops waits; what ends the connection or the lead is thrown. */
  async #try(entry: OutboxEntry, connection: Connection) {
    try {
      return await this.#sender.send(entry, connection)
    } catch (error) {
      if (!SottoError.is(error) || ending.has(error.code)) throw error
      return SottoError.is(error, 'rate-limited')
        ? ({ name: 'wait', ms: error.details.retryAfterMs } as const)
        : ({ name: 'wait' } as const)
    }
  }

  async #until(woken: Promise<void>, at: number, signal: AbortSignal): Promise<void> {
    if (at === Infinity) return woken
    const over = new AbortController()
    const sleep = this.#time.sleep(Math.max(0, at - this.#time.now()), AbortSignal.any([signal, over.signal]))
    await Promise.race([woken, sleep.catch(() => undefined)])
    over.abort()
  }
}

const ending: ReadonlySet<string> = new Set([
  'offline',
  'closed',
  'aborted',
  'lost-lead',
  'store-failed',
  'store-full',
  'store-damaged',
  'unauthorized',
  'rolled-back',
  'replaced',
  'device-removed',
])
