import { makeDevice, signFirstList } from '@sotto/core'
import type { Connection, SessionCipher, VerifiedBundle } from '@sotto/core/ports'
import { relayBackend } from '@sotto/core/relay'
import {
  contentTypes,
  decodeBody,
  emptyExt,
  encodeBodyOf,
  encodeContent,
  pairOf,
  randomBytes,
  referenceTo,
  startChain,
  textBody,
  toHex,
  type Batch,
  type Reference,
} from '@sotto/protocol'
import type { OwnDevice } from '../../packages/core/src/account/own-device.js'
import { newEnvelopeId } from '../../packages/core/src/messages/envelope-id.js'
import { Sessions, checkBundle, type OtherDevice } from '../../packages/core/src/sessions/sessions.js'
import type { Site } from '../support/signing-site.js'
import { RowsInMemory } from './rows-in-memory.js'

interface WrittenTo {
  readonly device: OtherDevice
  readonly list: Reference
}

/**
 * A device that writes to one other as a client does, by the sessions of the core over the real cipher, and stores nothing: so a mailbox is full in
 * seconds.
 */
export class WritingDevice {
  readonly own: OwnDevice
  readonly #sessions: Sessions
  readonly #rows = new RowsInMemory()
  readonly #to: WrittenTo
  readonly #connection: Connection
  #n = 0
  #heard = 0

  private constructor(own: OwnDevice, sessions: Sessions, to: WrittenTo, connection: Connection) {
    this.own = own
    this.#sessions = sessions
    this.#to = to
    this.#connection = connection
    void this.#hear()
  }

  /** A device of a new account on a relay, connected, with a bundle of `reader` in its hand. */
  static async start(
    cipher: SessionCipher,
    place: { readonly url: string; readonly site: Site },
    names: { readonly account: string; readonly reader: string },
  ): Promise<WritingDevice> {
    const { url, site } = place
    const { realm } = site
    const now = Date.now()
    const made = await makeDevice(cipher, 'crypto-key', now)
    const chain = await signFirstList(made, realm, names.account, 0, now)
    const own: OwnDevice = {
      address: { realm, account: names.account, accountId: chain.accountId, device: made.device.id },
      chain,
      published: true,
      policy: 'crypto-key',
      identity: { publicKey: made.device.identityKey.bytes, privateKey: made.identity },
      sign: made.sign,
    }
    const { directory, transport } = relayBackend({ url })(() => ({
      ...own.address,
      epoch: 1,
      sends: 0,
      token: () => site.token(names.account),
      sign: made.sign,
    }))
    await directory.publish(chain.head)
    const [first] = await directory.lists(names.reader)
    if (first === undefined) throw new Error('nobody to write to')
    const theirs = startChain(first, { realm, account: names.reader })
    const [other] = theirs.list.devices
    const bundle = other && (await directory.claim(names.reader, other.id))
    if (other === undefined || bundle === undefined) throw new Error('no bundle')
    const device: OtherDevice = {
      address: { realm, account: names.reader, accountId: theirs.accountId, device: other.id },
      identityKey: other.identityKey.bytes,
      signingKey: other.signingKey.bytes,
    }
    const connection = await transport.open({ signal: new AbortController().signal })
    const sessions = new Sessions(cipher, () => own)
    const writing = new WritingDevice(own, sessions, { device, list: referenceTo(theirs) }, connection)
    await writing.#deliver(await writing.#encrypt('hello', checkBundle(bundle, device, now).bundle))
    return writing
  }

  /** How many envelopes came. Once one has, the session needs no first messages any more. */
  get heard(): number {
    return this.#heard
  }

  /** Resolves when the relay has all of them. Many are under way at once, encrypted in order. */
  async write(texts: readonly string[]): Promise<void> {
    const sent: Promise<void>[] = []
    for (const text of texts) {
      const batch = await this.#encrypt(text)
      sent.push(this.#deliver(batch))
    }
    await Promise.all(sent)
  }

  close(): void {
    this.#connection.close()
  }

  async #encrypt(text: string, bundle?: VerifiedBundle): Promise<Batch> {
    const { address } = this.#to.device
    const now = Date.now()
    const lists = [referenceTo(this.own.chain), this.#to.list].sort((a, b) =>
      a.accountId < b.accountId ? -1 : 1,
    )
    const messageId = toHex(randomBytes(16))
    const number = { run: 1, n: ++this.#n }
    const content = (session: string) =>
      encodeContent({
        header: {
          from: this.own.address,
          to: address,
          conversation: pairOf(this.own.address, address),
          messageId,
          number,
          since: { run: 1, n: 1 },
          session,
          lists,
          clock: { ms: now, logical: 0 },
          frankingKey: randomBytes(32),
          shownIfUnknown: true,
          ext: emptyExt,
        },
        type: contentTypes.text.type,
        body: encodeBodyOf(textBody, { text, ranges: [], ext: emptyExt }),
      })
    const body = await this.#sessions.encrypt(this.#rows, this.#to.device, content, { bundle, now })
    const to = { type: 'address' as const, address }
    const envelopes = [{ v: 1, id: newEnvelopeId(now), to, body, ext: emptyExt }]
    return { shared: [], envelopes, lists, sends: this.#n }
  }

  async #deliver(batch: Batch): Promise<void> {
    const sent = await this.#connection.send(batch)
    if (sent.outcome !== 'sent') throw new Error(`refused: ${sent.code}`)
  }

  /** Reads what the reader answers, so that its ratchet is stepped as it is between two people. */
  async #hear(): Promise<void> {
    for await (const { stamped, ack } of this.#connection) {
      const { body } = decodeBody(stamped.envelope.body)
      await this.#sessions.decrypt(this.#rows, this.#to.device, body, Date.now())
      this.#heard++
      ack()
    }
  }
}
