import type { Client } from '@sotto/core'
import { SottoError } from '@sotto/protocol'
import type { ClientSource } from '../client-context.js'
import { checkSettings, type ClientSettings, type Connect } from './settings.js'

export interface Wanted {
  readonly client: Client | undefined
  readonly connect: Connect | undefined
  readonly settings: Omit<ClientSettings, 'signal'>
}

/** Holds the client of one element: the one it was given, or one that it makes, and closes when it needs another or none. */
export class ClientHolder {
  readonly #changed: (source: ClientSource) => void
  #abort: AbortController | undefined

  constructor(changed: (source: ClientSource) => void) {
    this.#changed = changed
  }

  /** Takes or makes the wanted client and lets go of the one before. Never throws: what is wrong is a source that failed. */
  hold({ client, connect, settings }: Wanted): void {
    this.release()
    if (client !== undefined) return this.#changed({ name: 'ready', client })
    const abort = new AbortController()
    this.#abort = abort
    this.#changed({ name: 'connecting' })
    void this.#connect(connect, { ...settings, signal: abort.signal }).then(
      (made) => {
        if (abort.signal.aborted) return made.close()
        abort.signal.addEventListener('abort', () => void made.close())
        return this.#changed({ name: 'ready', client: made })
      },
      (error: unknown) => {
        if (!abort.signal.aborted) this.#changed({ name: 'failed', error: sottoError(error) })
      },
    )
  }

  release(): void {
    this.#abort?.abort()
    this.#abort = undefined
  }

  async #connect(connect: Connect | undefined, settings: ClientSettings): Promise<Client> {
    checkSettings(settings)
    if (connect === undefined) throw new SottoError('no-connect')
    return connect(settings)
  }
}

/** What somebody else's function threw, as an error with a code. */
export function sottoError(error: unknown): SottoError {
  return SottoError.is(error) ? error : new SottoError('backend-failed', {}, { cause: error })
}
