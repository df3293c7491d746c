import type { Call, CallState, Client } from '@sotto/core'
import type { Localizer } from '../locales/localizer.js'
import { isolate } from '../pieces/isolate.js'
import { callEnd, callNotPlaced, type CallEnd } from './call-end.js'
import { callErrorWords } from './call-error-words.js'
import { lookOf, type CallLook } from './call-look.js'
import { callStatus, picturesOf, type Pictures } from './call-screen.js'
import type { CallTroubles } from './call-troubles.js'
import type { FollowedCall } from './followed-call.js'

interface Told {
  readonly words: Localizer
  readonly followed: FollowedCall
  readonly troubles: CallTroubles
  readonly client: () => Client | undefined
  /** The call that the person has put aside. */
  readonly minimised: () => Call | undefined
}

/** What there is to see and to say of a call, by what is followed of it and by what went wrong. */
export class CallStory {
  readonly #told: Told

  constructor(told: Told) {
    this.#told = told
  }

  get look(): CallLook | undefined {
    const { call, state } = this.#told.followed
    const look = call === undefined ? undefined : lookOf(state, this.#told.minimised() === call)
    if (look !== undefined && look !== 'end') return look
    return this.end === undefined ? undefined : 'end'
  }

  /** What the last call came to, or why the next one could not be placed, until it was read. */
  get end(): CallEnd | undefined {
    const { words, troubles, followed } = this.#told
    const { call, state, lastedMs } = followed
    const failure = troubles.notPlaced
    if (failure !== undefined) return callNotPlaced(words, { ...failure, name: this.nameOf(failure.account) })
    if (call === undefined || state?.phase !== 'over' || troubles.isRead(call)) return undefined
    return callEnd(words, { mine: call.mine, state, lastedMs, name: this.nameOf(call.account) })
  }

  get pictures(): Pictures {
    const { state, streams, sources, theirSources } = this.#told.followed
    return picturesOf(state, { streams, sources, theirSources })
  }

  wrong(name: string): { readonly text: string; readonly close: () => void } | undefined {
    const { words, troubles, followed } = this.#told
    const error = troubles.within(followed.call, followed.state)
    if (error === undefined) return undefined
    return { text: callErrorWords(words, error, name), close: () => troubles.readError(error) }
  }

  status(state: CallState, name: string): string {
    const { words, followed, minimised } = this.#told
    const { lastedMs, quality } = followed
    if (!state.here) return words.say('inOtherTab')
    if (minimised() !== undefined && state.asks === 'they') return words.say('theyAskVideo', name)
    return callStatus(words, { state, quality, lastedMs })
  }

  nameOf(account: string): string {
    return isolate(this.#told.client()?.profile(account).value.name ?? account)
  }
}
