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
  /** What was said last, over a quiet and honest network, is not read everywhere, or not without being sent again. */
  | 'not healed'
  /** What its sender still knows did not come in the end, although there was time to send it again. */
  | 'not repaired'

export interface Problem {
  readonly fault: Fault
  readonly what: string
}

/** Everything that is wrong with a run; nothing, where all that Sotto promises was kept. A gap may have been filled since: it need not be there. */
export function problemsOf(history: History): readonly Problem[] {
  return [
    ...history.devices.flatMap((device) => [
      ...problemsAt(history, device, history.threads.get(device.name) ?? []),
      ...problemsAt(history, device, history.repaired.get(device.name) ?? []),
      ...unrepaired(history, device),
    ]),
    ...unhealed(history),
    ...usedTwice(history.used),
    ...diverged(history.live),
    ...undecryptable(history),
  ]
}

type Device = History['devices'][number]

function problemsAt(history: History, at: Device, thread: readonly Shown[]): readonly Problem[] {
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
  // Of what the other devices of its account wrote, too.
  const others = missing.filter(({ device }) => device !== at.name)
  const certain = others.filter(({ isForgotten }) => !isForgotten)
  const gaps = gapsOf(thread)
  if (gaps < certain.length)
    complain(
      'lost',
      `${certain.length} are missing, gaps say ${gaps}: ${certain.map((one) => one.text).join()}`,
    )
  if (gaps > others.length) complain('false gap', `gaps say ${gaps}, ${others.length} are missing`)
  return problems
}

function unhealed({ devices, threads, last, unreadLast }: History): readonly Problem[] {
  const problems: Problem[] = []
  if (unreadLast > 0) problems.push({ fault: 'not healed', what: `${unreadLast} could not be read at last` })
  for (const { name } of devices) {
    const texts = textsOf(threads.get(name) ?? [])
    for (const text of last)
      if (!texts.includes(text)) problems.push({ fault: 'not healed', what: `${name}: ${text}` })
  }
  return problems
}

function unrepaired(history: History, { name }: Device): readonly Problem[] {
  const shown = textsOf(history.repaired.get(name) ?? [])
  return missingFrom(history.said, shown).map(({ text }) => ({
    fault: 'not repaired',
    what: `${name}: ${text}`,
  }))
}

/** What is not shown of what its device remembers. */
export const missingFrom = (said: History['said'], shown: readonly string[]): History['said'] =>
  said.filter(({ text, isForgotten }) => !isForgotten && !shown.includes(text))

export const textsOf = (thread: readonly Shown[]): readonly string[] =>
  thread.flatMap((one) => (one.kind === 'text' ? [one.text] : []))

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
