import type { History, Said, Shown } from '../machine/history.js'

/** What was said, and to whom. */
export interface SaidTo extends Said {
  readonly to: string
}

/** What an account shows of the thread with another: `AT WITH`. */
export type Threads = Map<string, readonly Shown[]>

interface Seen {
  readonly said: readonly SaidTo[]
  /** The texts that were written when all was quiet again. */
  readonly last: readonly string[]
  readonly threads: Threads
  readonly repaired: Threads
}

type Judged = Pick<History, 'devices' | 'said' | 'threads' | 'repaired' | 'last' | 'harm'>

/** Of all that people said to each other, what the checker judges of two of them. */
export function historyOfTwo([a, b]: readonly [string, string], { said: all, last, ...seen }: Seen): Judged {
  const said = all.filter(({ account, to }) => [`${a} ${b}`, `${b} ${a}`].includes(`${account} ${to}`))
  const texts = new Set(said.map(({ text }) => text))
  const of = (threads: Threads) =>
    new Map([
      [a, threads.get(`${a} ${b}`) ?? []],
      [b, threads.get(`${b} ${a}`) ?? []],
    ])
  return {
    devices: [a, b].map((account) => ({ name: account, account })),
    said,
    threads: of(seen.threads),
    repaired: of(seen.repaired),
    last: last.filter((text) => texts.has(text)),
    harm: { dropped: 0, restored: 0, shuffled: 1 },
  }
}
