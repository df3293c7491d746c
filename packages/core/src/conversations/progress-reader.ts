import { conversationIdOf, pairOf, type Address } from '@sotto/protocol'
import { listReceived } from '../messages/numbers.js'
import { readPeer } from '../peers/peer.js'
import type { RowReader } from '../store/rows.js'
import { receiptRows } from '../store/tables.js'
import { readGapsAtEnd } from './gaps-at-end.js'
import { noProgress, type Progress } from './thread.js'

export interface ProgressContext {
  /** This device, where it is known already. */
  readonly own: () => Address | undefined
  readonly online: () => boolean
}

/**
 * Reads how far the messages of conversations have come. Where that lies hangs on whose account id stands behind a name. That of whom we met
 * last under it is taken for granted until the name is read, so that both are read at once; somebody else's is then read instead.
 */
export class ProgressReader {
  readonly #context: ProgressContext
  readonly #met = new Map<string, string>()

  constructor(context: ProgressContext) {
    this.#context = context
  }

  /** Something of this account id was read under the name. */
  meet(account: string, accountId: string): void {
    this.#met.set(account, accountId)
  }

  async read(rows: RowReader, account: string): Promise<Progress> {
    const own = this.#context.own()
    const met = this.#met.get(account)
    const likely = own !== undefined && met !== undefined ? readWith(rows, own, met) : undefined
    // What is wrong with it is said where it is the right one.
    likely?.catch(() => undefined)
    const { chain, candidate } = await readPeer(rows, account)
    const waiting = candidate !== undefined ? 'decision' : this.#context.online() ? undefined : 'network'
    if (own === undefined || chain === undefined) return { ...noProgress, waiting }
    this.meet(account, chain.accountId)
    const read =
      likely !== undefined && met === chain.accountId ? likely : readWith(rows, own, chain.accountId)
    return { ...(await read), waiting }
  }
}

async function readWith(
  rows: RowReader,
  own: Address,
  accountId: string,
): Promise<Omit<Progress, 'waiting'>> {
  const conversation = conversationIdOf(own.realm, pairOf(own, { account: '', accountId }))
  const [receipt, theirs, ours] = await Promise.all([
    receiptRows.get(rows, `${conversation}/${own.device}`),
    listReceived(rows, conversation, accountId),
    listReceived(rows, conversation, own.accountId),
  ])
  const gapsAtEnd = await Promise.all([
    readGapsAtEnd(rows, theirs, { conversation, accountId, mine: false }),
    readGapsAtEnd(rows, ours, { conversation, accountId: own.accountId, mine: true }),
  ])
  return {
    receipts: receipt === undefined ? [] : [receipt],
    received: [...theirs, ...ours],
    gapsAtEnd: gapsAtEnd.flat(),
  }
}
