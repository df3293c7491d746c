import type { MemoryDisk } from '@sotto/core/memory'
import { spendAll } from '../../../packages/core/src/sessions/generations.js'
import type { UnitStore } from '../../../packages/core/src/sessions/unit-of-work.js'
import { sessionRows, type DeviceSessions } from '../../../packages/core/src/store/tables.js'
import { PlainStore } from './machine-disk.js'

/** What of the rules for sessions a run is given from outside, so that a control can break it. */
export interface Rules {
  readonly store: (disk: MemoryDisk) => UnitStore
  /** How a session is given up. */
  readonly giveUp: (state: DeviceSessions) => DeviceSessions
  /** What the backend remembers of a device, by which it notices that one was rolled back. */
  readonly remembers: 'epoch and sends' | 'epoch' | 'nothing'
}

export const soundRules: Rules = {
  store: (disk) => new PlainStore(disk),
  giveUp: spendAll,
  remembers: 'epoch and sends',
}

/** A session that is given up is forgotten, and the next one begins to count again. */
export const withoutGenerations: Rules = { ...soundRules, giveUp: () => ({ highest: 0, sessions: [] }) }

/** A backend that takes an older state of a device for the device. */
export const withoutMemory: Rules = { ...soundRules, remembers: 'nothing' }

/** A backend that does so where the device was not opened again since. */
export const withEpochsAlone: Rules = { ...soundRules, remembers: 'epoch' }

/** Where both sides have started a session, each holds on to its own. */
export const withoutTieBreak: Rules = { ...soundRules, store: (disk) => new StubbornStore(disk) }

class StubbornStore extends PlainStore {
  override async get(table: string, key: string) {
    const row = await super.get(table, key)
    if (row === undefined || table !== sessionRows.name) return row
    const get = async () => row.value
    const reader = { get, presume: get, list: async () => [] }
    const state = await sessionRows.get(reader, key)
    if (state === undefined) return row
    const isOwn = (one: DeviceSessions['sessions'][number]) =>
      one.initiator || !state.sessions.some((other) => other.initiator && other.generation === one.generation)
    let value = row.value
    const writer = {
      ...reader,
      put: (_table: string, _key: string, bytes: typeof value) => (value = bytes),
      delete: () => undefined,
      nest: () => {
        throw new Error('nothing is nested in it')
      },
    }
    sessionRows.put(writer, key, { ...state, sessions: state.sessions.filter(isOwn) })
    return { ...row, value }
  }
}
