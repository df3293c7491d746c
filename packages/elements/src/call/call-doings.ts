import type { Call, Client } from '@sotto/core'
import { SottoError } from '@sotto/protocol'
import type { Localizer } from '../locales/localizer.js'
import type { DialogController } from '../pieces/dialog-controller.js'
import { sottoError } from '../provider/client-holder.js'
import { callActions, placeCall, type CallActions } from './call-actions.js'
import type { CallDevices } from './call-devices.js'
import type { CallTroubles, Trouble } from './call-troubles.js'

interface Around {
  readonly words: Localizer
  readonly dialog: DialogController
  readonly devices: CallDevices
  readonly troubles: CallTroubles
  readonly tell: (error: SottoError) => void
}

interface Wanted {
  readonly client: Client
  readonly account: string
  readonly name: string
  readonly video: boolean
}

/** What the person does with calls, and where it is noted that it failed. */
export class CallDoings {
  readonly #around: Around
  readonly #answered = new WeakSet<Call>()
  #placing = false

  constructor(around: Around) {
    this.#around = around
  }

  get isPlacing(): boolean {
    return this.#placing
  }

  async place({ client, account, name, video }: Wanted): Promise<void> {
    const { words, dialog } = this.#around
    this.#placing = true
    const failed = (thrown: unknown) => {
      const error = sottoError(thrown)
      // Who pressed twice is in the call that the first press has placed.
      if (client.call.value !== undefined) this.#around.tell(error)
      else this.#failed(error, { account, video, call: undefined })
    }
    await placeCall({ client, account, video, words, name, dialog, failed })
    this.#placing = false
  }

  actions(call: Call, name: string): CallActions {
    const { words, dialog, devices, troubles } = this.#around
    const failed = (thrown: unknown) => this.failedIn(call, thrown)
    const actions = callActions({ call, answered: this.#answered, words, name, dialog, failed })
    const hangUp = () => {
      // Who gives up calling knows that they did.
      if (call.state.value.phase === 'ringing') troubles.readAll(call)
      actions.hangUp()
    }
    const turn: CallActions['turn'] = (sources) => {
      devices.meant(sources)
      actions.turn(sources)
    }
    return { ...actions, hangUp, turn }
  }

  failedIn(call: Call, thrown: unknown): void {
    // What comes too late for a call has its answer on the page already.
    if (SottoError.is(thrown, 'call-over')) return
    this.#failed(sottoError(thrown), { account: call.account, call, video: call.state.value.video })
  }

  #failed(error: SottoError, where: Omit<Trouble, 'error'>): void {
    this.#around.troubles.meet({ error, ...where })
    this.#around.tell(error)
  }
}
