import { readAsk } from '../messages/asks.js'
import { missingAfter } from '../messages/gaps.js'
import type { RowReader } from '../store/rows.js'
import type { MissingSpan, ReceivedRow } from '../store/tables.js'

/** What is missing of a device after all of it that is shown. */
export interface GapsAtEnd {
  readonly device: string
  /** It is another one of this account. */
  readonly mine: boolean
  readonly spans: readonly MissingSpan[]
}

/**
 * Reads what is missing at the end of what devices of an account wrote in a conversation. What was merely overtaken comes within a minute: a gap
 * that will not be filled is there at once, any other when it was asked for, or when nobody asks for it any more.
 */
export async function readGapsAtEnd(
  rows: RowReader,
  received: readonly ReceivedRow[],
  where: { readonly conversation: string; readonly accountId: string; readonly mine: boolean },
): Promise<readonly GapsAtEnd[]> {
  const { conversation, accountId, mine } = where
  const found = await Promise.all(
    received.map(async (row): Promise<GapsAtEnd> => {
      const { device } = row
      const all = missingAfter(row, row.shown ?? { run: 0, n: 0 })
      const isAsked = async () => (await readAsk(rows, { accountId, device, conversation }))?.tries !== 0
      const isSure = all.every(({ gone }) => gone) || (await isAsked())
      return { device, mine, spans: isSure ? all : all.filter(({ gone }) => gone) }
    }),
  )
  return found.filter(({ spans }) => spans.length > 0)
}
