import {
  check,
  concatBytes,
  encodeBody,
  emptyExt,
  equalBytes,
  limits,
  pad,
  preKeyKinds,
  sessionName,
  SottoError,
  suites,
  unpad,
  verifyPreKey,
  type Address,
  type Body,
  type PreKeyBundle,
  type Reference,
  type SessionSide,
} from '@sotto/protocol'
import type { OwnDevice } from '../account/own-device.js'
import type { SessionCipher, VerifiedBundle } from '../ports/index.js'
import type { RowReader, RowWriter } from '../store/rows.js'
import type { DeviceSessions, SessionRow } from '../store/tables.js'
import { putSessions, readSessions } from './session-rows.js'
import { putSession, readsFreely, writableSession } from './generations.js'
import { baseKeySeen, dropPreKey, putBaseKey, readPreKey } from './prekeys.js'

/** Another device, as its account's verified list has it. */
export interface OtherDevice {
  readonly address: Address
  /** X25519, 32 bytes. */
  readonly identityKey: Uint8Array
  /** Ed25519, 32 bytes. */
  readonly signingKey: Uint8Array
}

/** A bundle whose signatures were checked against a device of a verified list. */
export interface CheckedBundle {
  readonly bundle: VerifiedBundle
  /** The newest list of its account that the device knows. */
  readonly newest: Reference
}

/** Verifies what a claim answered. Throws `malformed`, `bad-signature`, `bad-prekey`. */
export function checkBundle(answer: PreKeyBundle, other: OtherDevice, now: number): CheckedBundle {
  const { realm, accountId, device } = other.address
  const owner = { realm, accountId, device, signingKey: other.signingKey }
  const signed = verifyPreKey(answer.signedPreKey, owner, preKeyKinds.signed, now)
  // Cannot fail: `verifyPreKey` takes no signed prekey without.
  check(signed.newest !== undefined, 'bad-prekey')
  const signedPreKey = { id: signed.id, key: signed.key.bytes }
  const bundle: VerifiedBundle = { identityKey: other.identityKey, signedPreKey }
  if (answer.preKey === undefined) return { bundle, newest: signed.newest }
  const one = verifyPreKey(answer.preKey, owner, preKeyKinds.oneTime, now)
  return { bundle: { ...bundle, preKey: { id: one.id, key: one.key.bytes } }, newest: signed.newest }
}

/** What was read of an envelope, before anything of it is staged but the stepped session. */
export interface Opened {
  readonly content: Uint8Array
  readonly session: string
  /** Whether it came in a session that may only fill numbers still missing. */
  readonly fillsOnly: boolean
  /** Whether it is a first message, which only who holds the device's identity key can have written. */
  readonly isFirst: boolean
  /** Of the first that was read in a session that a question of ours began: when that was, in milliseconds since 1970. */
  readonly answers: number | undefined
  readonly state: DeviceSessions
}

/** Encrypts and decrypts between this device and others, on staged rows. Which session is live is decided in `generations`. */
export class Sessions {
  readonly #cipher: SessionCipher
  readonly #own: () => OwnDevice

  constructor(cipher: SessionCipher, own: () => OwnDevice) {
    this.#cipher = cipher
    this.#own = own
  }

  /** Whether a bundle has to be claimed before something can be written to the device. */
  async needsBundle(rows: RowReader, address: Address, now: number): Promise<boolean> {
    return writableSession(await readSessions(rows, address), now) === undefined
  }

  /**
   * Encrypts one content, which repeats the session's name, and stages the stepped session. `fresh`: a question, in the next generation, whatever there is.
   * Rejects with `no-prekey` where a session has to be started and no bundle is given.
   */
  async encrypt(
    rows: RowWriter,
    other: OtherDevice,
    contentIn: (session: string) => Uint8Array,
    {
      bundle,
      now,
      fresh = false,
    }: { readonly bundle: VerifiedBundle | undefined; readonly now: number; readonly fresh?: boolean },
  ): Promise<Uint8Array> {
    const state = await readSessions(rows, other.address)
    const own = this.#own()
    const live = fresh ? undefined : writableSession(state, now)
    const begun = live ?? (await this.#establish(state, other, bundle, now))
    const session = fresh ? { ...begun, asks: true } : begun
    const frame = pad(contentIn(session.name))
    const step = await this.#cipher.encrypt({ session: session.state, ours: own }, frame)
    const stepped = { ...session, state: step.session, sent: true, unanswered: 0 }
    putSessions(rows, other.address, putSession(state, stepped))
    return encodeBody(suites.signal, bodyOf(this.#cipher, stepped, step.ciphertext))
  }

  async #establish(
    state: DeviceSessions,
    other: OtherDevice,
    bundle: VerifiedBundle | undefined,
    now: number,
  ): Promise<SessionRow> {
    if (bundle === undefined) throw new SottoError('no-prekey')
    const own = this.#own()
    const { session, baseKey } = await this.#cipher.establish(own, bundle)
    const generation = state.highest + 1
    const name = sessionName(side(own), other, baseKey, generation)
    return { ...newSession, name, generation, baseKey, initiator: true, state: session, createdAt: now }
  }

  /**
   * Decrypts an envelope's body on staged rows. Exactly one session is tried. Stages the stepped session, the used prekey and the base
   * key; the caller discards them with its unit of work when the content does not pass. Throws `malformed`, `undecryptable`,
   * `session-refused`, `unknown-prekey`, `identity-mismatch`, `too-far-ahead`, or `unsupported-version` for a newer frame.
   */
  async decrypt(rows: RowWriter, other: OtherDevice, body: Body, now: number): Promise<Opened> {
    const state = await readSessions(rows, other.address)
    const { session, usedPreKey, plaintext, signedPreKeyId } =
      body.type === 'first'
        ? await this.#decryptFirst(rows, state, other, body, now)
        : await this.#decryptLater(state, other, body)
    const stepped: SessionRow = { ...session, answered: true, unanswered: session.unanswered + 1 }
    const next = putSession(state, stepped)
    putSessions(rows, other.address, next)
    if (usedPreKey !== undefined) dropPreKey(rows, 'one', usedPreKey)
    if (signedPreKeyId !== undefined) putBaseKey(rows, signedPreKeyId, session.baseKey, now)
    // Judged with this session in its place: one that is new and the highest is live.
    const fillsOnly = !readsFreely(next, session.name)
    const isFirst = body.type === 'first'
    const answers = session.asks === true && !session.answered ? session.createdAt : undefined
    return { content: unpad(plaintext), session: session.name, fillsOnly, isFirst, answers, state: next }
  }

  async #decryptLater(state: DeviceSessions, other: OtherDevice, body: Body & { type: 'later' }) {
    const session = state.sessions.find((one) => one.name === body.session)
    check(session !== undefined, 'session-refused', { reason: 'no such session' })
    check(this.#cipher.inspect(body.ciphertext).kind === 'later', 'malformed', { what: 'ciphertext' })
    const step = await this.#cipher.decrypt(
      { session: session.state, ours: this.#own(), theirs: { identityKey: other.identityKey } },
      body.ciphertext,
    )
    return {
      session: { ...session, state: step.session },
      plaintext: step.plaintext,
      usedPreKey: undefined,
      signedPreKeyId: undefined,
    }
  }

  async #decryptFirst(
    rows: RowWriter,
    state: DeviceSessions,
    other: OtherDevice,
    body: Body & { type: 'first' },
    now: number,
  ) {
    const own = this.#own()
    const header = this.#cipher.inspect(body.ciphertext)
    check(header.kind === 'first', 'malformed', { what: 'ciphertext' })
    check(equalBytes(header.baseKey, body.baseKey), 'malformed', { what: 'base key' })
    check(equalBytes(header.identityKey, other.identityKey), 'identity-mismatch')
    const { generation } = body
    const name = sessionName(other, side(own), body.baseKey, generation)
    const known = state.sessions.find((one) => one.name === name)
    const theirs = { identityKey: other.identityKey }
    if (known !== undefined) {
      const step = await this.#cipher.decrypt({ session: known.state, ours: own, theirs }, body.ciphertext)
      return {
        session: { ...known, state: step.session },
        plaintext: step.plaintext,
        usedPreKey: undefined,
        signedPreKeyId: undefined,
      }
    }
    check(generation <= state.highest + limits.generationJump, 'session-refused', {
      reason: 'generation too high',
    })
    check(!(await baseKeySeen(rows, header.signedPreKeyId, body.baseKey)), 'session-refused', {
      reason: 'base key seen',
    })
    const signedPreKey = await readPreKey(rows, 'signed', header.signedPreKeyId)
    check(signedPreKey !== undefined, 'unknown-prekey')
    const preKey = header.preKeyId === undefined ? undefined : await readPreKey(rows, 'one', header.preKeyId)
    check(header.preKeyId === undefined || preKey !== undefined, 'unknown-prekey')
    const ours = { identity: own.identity, signedPreKey, ...(preKey === undefined ? {} : { preKey }) }
    const step = await this.#cipher.decrypt({ ours, theirs }, body.ciphertext)
    check(step.usedPreKey === header.preKeyId, 'undecryptable')
    const session: SessionRow = {
      ...newSession,
      name,
      generation,
      baseKey: body.baseKey,
      initiator: false,
      state: step.session,
      createdAt: now,
    }
    return {
      session,
      plaintext: step.plaintext,
      usedPreKey: step.usedPreKey,
      signedPreKeyId: header.signedPreKeyId,
    }
  }
}

const newSession = Object.freeze({ answered: false, sent: false, unanswered: 0, spent: false })

const side = (own: OwnDevice): SessionSide => ({ address: own.address, identityKey: own.identity.publicKey })

/** A ciphertext that still carries what the other side needs to build the session goes as a first message, with base key and generation. */
function bodyOf(cipher: SessionCipher, session: SessionRow, ciphertext: Uint8Array): Body {
  const { kind } = cipher.inspect(ciphertext)
  if (kind === 'later') return { type: 'later', session: session.name, ciphertext, ext: emptyExt }
  return {
    type: 'first',
    baseKey: concatBytes(session.baseKey),
    generation: session.generation,
    ciphertext,
    ext: emptyExt,
  }
}
