import type { History, Shown } from './history.js'

/** What can be wrong with a run. */
export type Fault =
  /** A message that nobody sees and nothing says is missing. */
  | 'lost'
  | 'shown twice'
  | 'out of order'
  | 'never sent'
  /** A gap stands for what is there, or was never given. */
  | 'false gap'
  /** One key and counter for two plaintexts. */
  | 'key used twice'
  /** What could not be read, where nobody did anything to make it so. */
  | 'undecryptable'
  /** Two devices do not write in one session when everything is over. */
  | 'not converged'
  /** What was said last, over a quiet and honest network, is not read everywhere. */
  | 'not healed'

export interface Problem {
  readonly fault: Fault
  readonly what: string
}

/** Everything that is wrong with a run; nothing, where all that Sotto promises was kept. A gap may have been filled since: it need not be there. */
export function problemsOf(history: History): readonly Problem[] {
  return [
    ...history.devices.flatMap((device) => problemsAt(history, device)),
    ...usedTwice(history.used),
    ...diverged(history.live),
    ...undecryptable(history),
  ]
}

function problemsAt(history: History, at: History['devices'][number]): readonly Problem[] {
  const thread = history.threads.get(at.name) ?? []
  const shown = thread.flatMap((one) => (one.kind === 'text' ? [one] : []))
  const problems: Problem[] = []
  const complain = (fault: Fault, what: string) => problems.push({ fault, what: `${at.name}: ${what}` })
  const texts = shown.map(({ text }) => text)
  const said = new Map(history.said.map((one) => [one.text, one]))
  texts.forEach((text, i) => {
    if (texts.indexOf(text) !== i) complain('shown twice', text)
  })
  for (const { text, mine } of shown) {
    const one = said.get(text)
    if (one === undefined || (one.account === at.account) !== mine) complain('never sent', text)
  }
  for (const sender of history.devices) {
    const own = texts.filter((text, i) => said.get(text)?.device === sender.name && texts.indexOf(text) === i)
    const sent = history.said.filter((one) => one.device === sender.name).map(({ text }) => text)
    const inOrder = sent.filter((text) => own.includes(text))
    const wrong = own.find((text, i) => text !== inOrder[i])
    if (wrong !== undefined) complain('out of order', wrong)
  }
  const missing = history.said.filter(({ text }) => !texts.includes(text))
  const ours = missing.filter(({ account }) => account === at.account)
  for (const { text, device, isForgotten } of ours) {
    if (device === at.name && !isForgotten) complain('lost', text)
  }
  const theirs = missing.filter(({ account }) => account !== at.account)
  const certain = theirs.filter(({ isForgotten }) => !isForgotten)
  const gaps = gapsOf(thread)
  if (gaps < certain.length)
    complain(
      'lost',
      `${certain.length} are missing, gaps say ${gaps}: ${certain.map((one) => one.text).join()}`,
    )
  if (gaps > theirs.length) complain('false gap', `gaps say ${gaps}, ${theirs.length} are missing`)
  for (const text of history.last) if (!texts.includes(text)) complain('not healed', text)
  return problems
}

const gapsOf = (thread: readonly Shown[]): number =>
  thread.reduce((sum, one) => sum + (one.kind === 'gap' ? one.count : 0), 0)

function usedTwice(used: History['used']): readonly Problem[] {
  const first = new Map<string, string>()
  return used.flatMap(({ key, plaintext }) => {
    const before = first.get(key) ?? plaintext
    first.set(key, before)
    return before === plaintext ? [] : [{ fault: 'key used twice' as const, what: key }]
  })
}

function diverged(live: History['live']): readonly Problem[] {
  return live.flatMap(({ between, names: [one, other] }) =>
    one !== undefined && one === other
      ? []
      : [{ fault: 'not converged' as const, what: `${between}: ${String(one)}, ${String(other)}` }],
  )
}

function undecryptable({ unread, harm }: History): readonly Problem[] {
  if (harm.dropped > 0 || harm.restored > 0) return []
  // What was overtaken by a later session and fills no missing number, a receipt say, is refused by the rules for sessions.
  const unexpected = unread.filter(({ code }) => harm.shuffled === 0 || code !== 'session-refused')
  return unexpected.map(({ device, code }) => ({ fault: 'undecryptable', what: `${device}: ${code}` }))
}
