import type { CallItem, CallRecord } from '@sotto/core'
import type { CallsElement, MessengerElement } from '@sotto/elements'
import type { FakeClient } from './fake-client.js'
import type { Places } from './gallery-calls.js'
import type { Scene } from './gallery-scenes.js'

const hour = 3_600_000
const long = 'Wolfeschlegelsteinhausenbergerdorff Maria-Magdalena von und zu Hohenlohe-Schillingsfürst'

/** A call of the history, `n`th from the newest. */
export function record(account: string, n: number, item: Partial<CallItem> = {}): CallRecord {
  const at = item.at ?? new Date().setHours(14, 20, 0, 0) - n * hour
  const key = `${account}/${String(1000 - n)}`
  return {
    account,
    item: {
      kind: 'call',
      key,
      at,
      id: key,
      mine: false,
      video: false,
      outcome: 'answered',
      durationMs: 192_000,
      ...item,
    },
  }
}

/** One of each kind, over some days. */
export const everyKind: readonly CallRecord[] = [
  record('bob', 0, { mine: true, outcome: undefined }),
  record('noor', 1, { outcome: 'missed', video: true }),
  record('bob', 2, { mine: true, video: true, durationMs: 3_732_000 }),
  record('sandra', 3),
  record('jonas', 30, { mine: true, outcome: 'no-answer' }),
  record('jonas', 31, { mine: true, outcome: 'cancelled' }),
  record('mira', 54, { outcome: 'busy' }),
  record('mira', 55, { mine: true, outcome: 'busy' }),
  record('tomas', 78, { mine: true, outcome: 'declined', video: true }),
  record('tomas', 79, { outcome: 'declined' }),
  record('sandra', 150, { mine: true, outcome: 'failed', video: true }),
  record('sandra', 151, { outcome: 'lost', video: true, durationMs: 65_000 }),
  record('sandra', 400, { outcome: 'elsewhere' }),
]

/** The history of calls, to be looked at. */
export function historyScenes({ alice, messenger, within }: Places): Readonly<Record<string, () => Scene>> {
  const listed = (element: MessengerElement): Scene => ({
    element,
    still: 600,
    act: () => within(element, '[part=calls-button]').click(),
  })
  const having = (records: readonly CallRecord[]): FakeClient => {
    const { client } = alice()
    client.showCalls(...records)
    return client
  }
  return {
    calls: () => listed(messenger(having(everyKind))),
    'calls-beside': () => listed(messenger(having(everyKind), 'bob')),
    'calls-long': () => {
      const client = having(everyKind.map((one) => ({ ...one, account: 'noor' })))
      client.show('noor', { name: long })
      return listed(messenger(client))
    },
    'calls-empty': () => {
      const element = messenger(alice().client)
      const { client } = element
      const act = () => {
        within(element, '[part=calls-button]').click()
        setTimeout(() => (client as FakeClient).showCalls(), 100)
      }
      return { element, act, still: 600 }
    },
    'calls-failed': () => {
      const { client } = alice()
      client.callHistory.set({ name: 'failed', code: 'store-failed' })
      return listed(messenger(client))
    },
    'calls-failed-alone': () => {
      const { client } = alice()
      client.callHistory.set({ name: 'failed', code: 'store-failed' })
      return { element: Object.assign(document.createElement('sotto-calls'), { client }), still: 300 }
    },
    'calls-loading': () => listed(messenger(alice().client)),
    'calls-offline': () => {
      const client = having(everyKind)
      client.state.set({ name: 'offline', code: 'offline' })
      return { ...listed(messenger(client)), still: 1400 }
    },
    'calls-stopped': () => {
      const client = having(everyKind)
      client.state.set({ name: 'stopped', code: 'store-failed' })
      return listed(messenger(client))
    },
    'calls-alone': () => ({
      element: Object.assign(document.createElement('sotto-calls') as CallsElement, {
        client: having(everyKind),
      }),
      still: 300,
    }),
    'thread-calls': () => {
      const { client } = alice()
      const lines = everyKind.map(({ item }, i) => ({ ...item, at: Date.now() - (14 - i) * 300_000 }))
      client.conversation('bob').messages.set(lines)
      return { element: messenger(client, 'bob'), still: 300 }
    },
    'thread-calls-long': () => {
      const { client } = alice()
      client.show('bob', { name: long })
      client.conversation('bob').messages.set(everyKind.map(({ item }) => item).reverse())
      return { element: messenger(client, 'bob'), still: 300 }
    },
    'calls-no-provider': () => ({ element: document.createElement('sotto-calls'), still: 300 }),
  }
}
