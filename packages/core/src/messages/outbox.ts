import { contentTypes, randomBytes, toHex, type Clock, type MessageNumber } from '@sotto/protocol'
import { sortable, type RowRange, type RowReader, type RowWriter } from '../store/rows.js'
import { outboxRows, type OutboxRow } from '../store/tables.js'

export interface OutboxEntry {
  readonly key: string
  readonly row: OutboxRow
}

/** How long an entry may be put off, in milliseconds: a minute. */
export const longestPutOffMs = 60_000

/** What a content of ours says, before it is known to whom it goes in which session. */
export interface Draft {
  readonly account: string
  readonly messageId?: string
  readonly messageKey?: string
  readonly type: number
  readonly body: Uint8Array
  readonly clock: Clock
  readonly shownIfUnknown?: boolean
  readonly only?: { readonly accountId: string; readonly device: string }
  readonly own?: boolean
  /** Milliseconds since 1970, `longestPutOffMs` from now at most. */
  readonly notBefore?: number
  readonly notAfter?: number
  readonly fresh?: boolean
  /** Of what was sent before: it is said again as it was, and stands in the queue where it was asked for. */
  readonly number?: MessageNumber
  readonly after?: MessageNumber
  readonly frankingKey?: Uint8Array
  readonly queuedAt?: Clock
}

/** Where something sorts: by its clock, then by its message id. */
export const sortKey = (clock: Clock, messageId: string): string =>
  `${sortable(clock.ms)}${clock.logical.toString(16).padStart(4, '0')}${messageId}`

/** Stages an entry. It is sent by the leading tab, after what stands before it in its conversation. */
export function enqueue(rows: RowWriter, draft: Draft): OutboxEntry {
  const messageId = draft.messageId ?? toHex(randomBytes(16))
  const { queuedAt, number, after } = draft
  const sort =
    queuedAt === undefined ? sortKey(draft.clock, messageId) : sortKey(queuedAt, toHex(randomBytes(16)))
  const key = `all/${sort}`
  const row: OutboxRow = {
    account: draft.account,
    ...(draft.messageKey === undefined ? {} : { messageKey: draft.messageKey }),
    messageId,
    type: draft.type,
    body: draft.body,
    clock: draft.clock,
    frankingKey: draft.frankingKey ?? randomBytes(32),
    shownIfUnknown: draft.shownIfUnknown ?? false,
    ...(draft.only === undefined ? {} : { only: draft.only }),
    own: draft.own ?? false,
    notBefore: draft.notBefore ?? 0,
    failed: 0,
    ...(draft.notAfter === undefined ? {} : { notAfter: draft.notAfter }),
    ...(draft.fresh === true ? { fresh: true } : {}),
    ...(number === undefined ? {} : { number }),
    ...(after === undefined ? {} : { after }),
  }
  outboxRows.put(rows, key, row)
  return { key, row }
}

/** All that waits, in order. */
export async function listOutbox(
  rows: RowReader,
  limit = 1000,
  { glance = false }: Pick<RowRange, 'glance'> = {},
): Promise<readonly OutboxEntry[]> {
  return outboxRows.list(rows, { prefix: 'all', limit, glance })
}

/**
 * What waits, in order, from the oldest on until there are `limit` that count: however many of one conversation are stuck, they hide nobody
 * else's.
 */
export async function listDue(
  rows: RowReader,
  counts: (row: OutboxRow) => boolean,
  limit = 1000,
): Promise<readonly OutboxEntry[]> {
  const found: OutboxEntry[] = []
  let counted = 0
  let from: string | undefined
  for (;;) {
    const start = from === undefined ? {} : { from }
    const page = await outboxRows.list(rows, { prefix: 'all', limit, ...start })
    found.push(...page)
    counted += page.filter(({ row }) => counts(row)).length
    const last = page.at(-1)
    if (last === undefined || page.length < limit || counted >= limit) return found
    from = `${last.key.slice('all/'.length)}0`
  }
}

const numbered: ReadonlySet<number> = new Set(
  Object.values(contentTypes).flatMap((one) => (one.numbered ? [one.type] : [])),
)

/** Whether contents of this type stay in the thread and carry a number. */
export const isNumbered = (type: number): boolean => numbered.has(type)
