import {
  CollectStrategy,
  DeviceId,
  DeviceLists,
  OlmMachine,
  ProcessedToDeviceEventType,
  StoreHandle,
  UserId,
} from '@matrix-org/matrix-sdk-crypto-wasm'
import { openDB, type IDBPDatabase } from 'idb'
import { learn, publish, type PublishedKeys } from './matrix-device.js'

const user = '@reader:example.com'
const device = 'READER'
/** Events of one sync, as many as a homeserver sends of to-device events at once. */
const batchSize = 100

/** A device of the Matrix SDK in a page, on its IndexedDB store under a key, as sites use it; the texts go into a database of their own. */
export class MatrixReader {
  readonly #key = crypto.getRandomValues(new Uint8Array(32))
  readonly #texts: IDBPDatabase
  #machine: OlmMachine | undefined

  private constructor(texts: IDBPDatabase) {
    this.#texts = texts
  }

  static async start(): Promise<MatrixReader> {
    const upgrade = (database: IDBPDatabase) =>
      void database.createObjectStore('texts', { autoIncrement: true })
    const reader = new MatrixReader(await openDB('matrix-texts', 1, { upgrade }))
    await reader.open()
    return reader
  }

  async open(): Promise<void> {
    const store = await StoreHandle.openWithKey('matrix', this.#key)
    this.#machine = await OlmMachine.initFromStore(new UserId(user), new DeviceId(device), store)
  }

  async close(): Promise<void> {
    this.#opened().close()
    this.#machine = undefined
    return Promise.resolve()
  }

  publish(): Promise<PublishedKeys> {
    return publish(this.#opened(), user, device)
  }

  learn(others: readonly PublishedKeys[]): Promise<void> {
    return learn(this.#opened(), others)
  }

  /** Decrypts in batches, each committed by the machine; then its texts in one transaction. */
  async take(events: readonly object[]): Promise<void> {
    for (let i = 0; i < events.length; i += batchSize) {
      const batch = JSON.stringify(events.slice(i, i + batchSize))
      // As many keys as it asks for: it makes none while it is measured.
      const left = new Map([['signed_curve25519', 50]])
      const read = await this.#opened().receiveSyncChanges(batch, new DeviceLists(), left)
      const rows = this.#texts.transaction('texts', 'readwrite', { durability: 'strict' })
      for (const { type, rawEvent } of read) {
        if (type !== ProcessedToDeviceEventType.Decrypted) throw new Error('not decrypted')
        void rows.store.add((JSON.parse(rawEvent) as { content: { body: string } }).content.body)
      }
      await rows.done
    }
  }

  /** How many texts are stored. */
  count(): Promise<number> {
    return this.#texts.count('texts')
  }

  /** An answer to a device that has written: from then on it writes without what starts a session. */
  async answer(to: PublishedKeys): Promise<object> {
    const other = await this.#opened().getDevice(new UserId(to.user), new DeviceId(to.device))
    if (other === undefined) throw new Error('no such device')
    const content = { msgtype: 'm.text', body: 'hello' }
    const sealed = await other.encryptToDeviceEvent('org.example.text', content, CollectStrategy.allDevices())
    return { type: 'm.room.encrypted', sender: user, content: JSON.parse(sealed) as unknown }
  }

  #opened(): OlmMachine {
    if (this.#machine === undefined) throw new Error('not open')
    return this.#machine
  }
}
