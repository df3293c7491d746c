import { limits, SottoError, type Signed } from '@sotto/protocol'
import type { Directory, SessionCipher } from '../ports/index.js'
import { makeFreshKeys, newestSignedPreKey, putPreKeys, signedPreKeysDue } from '../sessions/prekeys.js'
import type { Run } from '../store/rows.js'
import type { OwnDevice } from './own-device.js'

/** Prekeys are made up to this many, always a multiple of it, so that the count says nothing about who wrote. */
const batchSize = 100

interface Context {
  readonly directory: Directory
  readonly cipher: SessionCipher
  readonly run: Run
  readonly own: () => OwnDevice
  /** By the backend's clock, where it says what that is: it takes none that has expired by it. */
  readonly now: () => number
}

/** This device's prekeys at the backend. Private halves are stored before anything is published. */
export class PreKeyCare {
  readonly #context: Context
  /**
   * One-time prekeys that are made, and of which nobody knows whether the backend has them. They go again in the place of others: each try that
   * made its own would push older ones, which are handed out already, out of the store.
   */
  #unpublished: readonly Signed[] = []

  constructor(context: Context) {
    this.#context = context
  }

  /**
   * Sees to them once: one-time prekeys where fewer than 20 are left, a signed prekey every two days of use or where the backend hands out
   * another than our newest. One call at a time. Rejects as the directory and the store do.
   */
  async tend(): Promise<void> {
    const { directory, cipher, run, now, own } = this.#context
    const count = await directory.countKeys()
    const isLow = count.preKeys < limits.preKeysLow
    // They had come, although the answer had not.
    if (!isLow) this.#unpublished = []
    const due = await run((rows) => signedPreKeysDue(rows, count.signedPreKey, now()))
    const one = isLow && this.#unpublished.length === 0 ? batchSize : 0
    const fresh = await makeFreshKeys(cipher, own(), due, one)
    const made =
      due + one === 0 ? { preKeys: [] } : await run((rows) => putPreKeys(rows, own(), fresh, now()))
    if (one > 0) this.#unpublished = made.preKeys
    const signedPreKey = made.signedPreKey ?? (await this.#lost(count.signedPreKey))
    if (signedPreKey === undefined && this.#unpublished.length === 0) return
    await this.#publish(signedPreKey, this.#unpublished)
  }

  /** Our newest signed prekey, where the backend has lost it or never got it: the same bytes go again. */
  async #lost(published: number | undefined): Promise<Signed | undefined> {
    const newest = await this.#context.run(newestSignedPreKey)
    return newest?.id === published ? undefined : newest?.published
  }

  async #publish(signedPreKey: Signed | undefined, preKeys: readonly Signed[]): Promise<void> {
    const upload = signedPreKey === undefined ? { preKeys } : { signedPreKey, preKeys }
    try {
      await this.#context.directory.publishKeys(upload)
      this.#unpublished = []
    } catch (error) {
      // Ids that stand for other keys there will never be taken.
      if (SottoError.is(error, 'bad-prekey')) this.#unpublished = []
      throw error
    }
  }
}
