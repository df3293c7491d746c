import { SottoError, check, isRealm, requireAccountName } from '@sotto/protocol'
import { featuresAnnouncement, toOthers, type Announcement, type StoredAt } from './announcements.js'
import {
  CallRingEvent,
  WarningEvent,
  type Client,
  type ClientState,
  type Conversation,
  type Profile,
} from './client-api.js'
import type { Call, CallOptions } from './calls/call-api.js'
import { ClientCalls } from './calls/client-calls.js'
import type { ClientOptions } from './client-options.js'
import { ArrivedMessages } from './arrived-messages.js'
import { Inbox } from './conversations/inbox.js'
import { OpenConversations } from './conversations/open-conversations.js'
import { ProgressReader } from './conversations/progress-reader.js'
import { Leader } from './leader.js'
import type { Leading } from './leading.js'
import type { Lease } from './lease.js'
import { lookUpWithoutLead } from './look-up.js'
import type { Channel } from './ports/index.js'
import { Profiled } from './profiles.js'
import { Writable, type Readable } from './readable.js'
import { run } from './sessions/run.js'
import { openSealedStore, type SealedStore } from './store/sealed-store.js'
import type { Run } from './store/rows.js'
import { ThisDevice } from './this-device.js'
import { tokenFor } from './token.js'

/** Opens an account on this device. Resolves when what is stored can be shown; connecting goes on by itself, and never rejects this. */
export async function openClient(options: ClientOptions): Promise<Client> {
  requireAccountName(options.account)
  check(isRealm(options.realm), 'no-realm')
  const { store, name, keyPolicy } = options
  const wrapped = keyPolicy === 'wrapped' ? { keyPolicy } : {}
  const sealed = await openSealedStore(store, { name, time: options.time, ...wrapped })
  const client = new SottoClient(options, sealed)
  await client.start()
  return client
}

class SottoClient extends EventTarget implements Client {
  readonly account: string
  readonly realm: string
  readonly state = new Writable<ClientState>({ name: 'starting' })
  readonly features = new Writable<ReadonlySet<string> | undefined>(undefined)
  readonly #options: ClientOptions
  readonly #store: SealedStore
  readonly #run: Run
  readonly #channel: Channel
  readonly #inbox: Inbox
  readonly #arrived: ArrivedMessages
  readonly #profiles: Profiled
  readonly #conversations: OpenConversations
  readonly #closing = new AbortController()
  /** What is stored was taken away from under this tab. */
  readonly #lost = new AbortController()
  readonly #device: ThisDevice
  readonly #calls: ClientCalls
  #leading: Leading | undefined
  #led: Promise<void> = Promise.resolve()
  #isWorthKeeping = false

  constructor(options: ClientOptions, store: SealedStore) {
    super()
    this.#options = options
    this.#store = store
    this.#run = (work) => run(store, work)
    this.#device = new ThisDevice(this.#run, this.state)
    this.account = options.account
    this.realm = options.realm
    this.#profiles = new Profiled(options.profiles)
    this.#channel = options.channels.open(options.name)
    const { time, locks, name, media } = options
    this.#calls = new ClientCalls({
      run: this.#run,
      time,
      locks,
      name,
      media,
      own: () => this.#device.own(),
      announce: (what) => this.#announce(what),
      servers: () => this.#leading?.servers,
      features: () => this.features.value,
      signal: this.#closing.signal,
      onring: (call) => this.dispatchEvent(new CallRingEvent(call)),
    })
    this.#arrived = new ArrivedMessages({ read: this.#run, say: (event) => this.dispatchEvent(event) })
    const progress = new ProgressReader({
      own: () => this.#device.known.value?.address,
      online: () => this.state.value.name === 'online' || this.state.value.name === 'starting',
    })
    this.#conversations = new OpenConversations(this.account, {
      run: this.#run,
      time,
      announce: (what) => this.#announce(what),
      own: () => this.#device.own(),
      knownOwn: () => this.#device.known.value,
      progress,
      lookUp: (account) => this.#lookUp(account),
      worthKeeping: () => this.#worthKeeping(),
    })
    this.#inbox = new Inbox({ read: this.#run, progress })
  }

  get call() {
    return this.#calls.current
  }

  get callDevices() {
    return this.#calls.devices
  }

  get callHistory() {
    return this.#calls.history
  }

  readCallHistory(): Promise<void> {
    return this.#calls.readHistory()
  }

  get conversations() {
    return this.#inbox.conversations
  }

  get unread() {
    return this.#inbox.unread
  }

  async start(): Promise<void> {
    this.#store.onlost = () => this.#lose()
    // What is committed while this tab reads may be what it has just read: it is read again then.
    const meanwhile: Announcement[] = []
    this.#channel.onmessage = (message) => void meanwhile.push(message as Announcement)
    const known = this.#device.load()
    // Asked for together, because the newest page waits for all of it.
    const shown = Promise.all([this.#calls.load(), this.#inbox.load(known)])
    shown.catch(() => undefined)
    // What is wrong with this device is what is said first.
    await known
    const [showCall] = await shown
    showCall()
    this.#channel.onmessage = (message) => void this.#hear(message as Announcement, false)
    for (const what of meanwhile) void this.#hear(what, false)
    const { name, locks, channels, time, visible } = this.#options
    const leader = new Leader({
      name,
      store: this.#store,
      locks,
      channels,
      time,
      ...(visible === undefined ? {} : { visible }),
    })
    this.#led = leader
      .lead((lease) => this.#lead(lease), {
        signal: AbortSignal.any([this.#closing.signal, this.#lost.signal]),
      })
      .catch((error: unknown) => {
        if (this.#closing.signal.aborted) return
        this.state.set({ name: 'stopped', code: SottoError.is(error) ? error.code : 'store-failed' })
        if (SottoError.is(error)) this.#warn(error)
      })
    const rest = this.#options.wakes?.(() => this.#announce({ kind: 'awake' }))
    if (rest !== undefined) this.#closing.signal.addEventListener('abort', rest, { once: true })
    // Whoever leads says how it stands.
    this.#channel.post({ kind: 'hello' } satisfies Announcement)
  }

  conversation(account: string): Conversation {
    return this.#conversations.with(account)
  }

  placeCall(account: string, options?: CallOptions): Promise<Call> {
    return this.#calls.place(requireAccountName(account), options)
  }

  profile(account: string): Readable<Profile> {
    return this.#profiles.of(requireAccountName(account))
  }

  reconnect(): void {
    this.#announce({ kind: 'retry' })
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return
    await this.#calls.leave()
    this.#closing.abort()
    await this.#led
    this.#channel.close()
    this.state.set({ name: 'closed' })
    this.#store.close()
  }

  /** Leads, until the lease says otherwise. */
  async #lead(lease: Lease): Promise<void> {
    const { cipher: given } = this.#options
    // What shows nothing is loaded after what does: the leader's work, and the cipher with its curve.
    const [{ startLeading }, cipher] = await Promise.all([
      import('./leading.js'),
      typeof given === 'function' ? given() : given,
    ])
    const leading = await startLeading(lease, {
      options: this.#options,
      store: this.#store,
      cipher,
      device: this.#device,
      token: () => this.#token(),
      announce: (what) => this.#announce(what),
      warn: (error) => this.#warn(error),
    })
    this.#leading = leading
    try {
      await leading.loop.run(lease)
    } finally {
      this.#leading = undefined
    }
  }

  /** Tells this tab and all others, after a commit. */
  #announce(what: Announcement): void {
    if (this.#closing.signal.aborted) return
    void this.#hear(what, true)
    this.#channel.post(toOthers(what))
  }

  async #hear(what: Announcement, ours: boolean): Promise<void> {
    const leading = this.#leading
    this.#calls.hear(what)
    try {
      switch (what.kind) {
        case 'hello':
          if (leading === undefined) return
          this.#channel.post({ kind: 'state', state: this.state.value } satisfies Announcement)
          this.#channel.post(featuresAnnouncement(this.features.value))
          return
        case 'features':
          this.features.set(what.features && new Set(what.features))
          return
        case 'state':
          // Another tab may lead on a store that is whole, or new: neither is this tab's.
          if (this.#lost.signal.aborted || (!ours && leading !== undefined)) return
          this.state.set(what.state)
          if (this.#device.known.value === undefined) await this.#device.load()
          await this.#conversations.refreshAll()
          return
        case 'outbox':
          leading?.work.wakeOutbox(false)
          return
        case 'retry':
          leading?.work.wakeOutbox(true)
          leading?.loop.wake()
          return
        case 'awake':
          leading?.loop.hurry()
          return
        case 'receipts':
          leading?.work.receiptDue(what.account)
          return
        case 'peer':
          if (leading !== undefined && this.#device.known.value !== undefined)
            await leading.work.retry(what.account)
          await this.#refresh(what.account)
          return
        case 'call':
        case 'thread':
          await this.#refresh(what.account)
          return
        case 'messages':
          await this.#hearMessages(what.messages)
      }
    } catch (error) {
      // A store that fails or is closed says so where it is written to; a view that could not be read again shows what it had.
      if (!SottoError.is(error)) throw error
    }
  }

  async #hearMessages(messages: readonly StoredAt[]): Promise<void> {
    const accounts = [...new Set(messages.map(({ account }) => account))]
    // A view that could not be read again keeps none of them from being said.
    const [refreshed] = await Promise.allSettled([Promise.all(accounts.map((one) => this.#refresh(one)))])
    await this.#arrived.say(messages)
    if (refreshed.status === 'rejected') throw refreshed.reason
  }

  async #refresh(account: string): Promise<void> {
    await Promise.all([this.#conversations.refresh(account), this.#inbox.refresh(account)])
  }

  /** Nothing can be read or written here any more. An idle tab would find out when it is too late for what its person has written. */
  #lose(): void {
    if (this.#closing.signal.aborted) return
    this.#lost.abort()
    this.state.set({ name: 'stopped', code: 'closed' })
    this.#warn(new SottoError('closed'))
  }

  #warn(error: SottoError): void {
    this.dispatchEvent(new WarningEvent(error))
  }

  #worthKeeping(): void {
    if (this.#isWorthKeeping) return
    this.#isWorthKeeping = true
    this.#options.onWorthKeeping?.()
  }

  /** A fresh token of the site. What it lets this account do is known from then on, in all tabs. */
  async #token(): Promise<string> {
    const { token, features } = await tokenFor(this.account, this.#options.token)
    this.#announce(featuresAnnouncement(features))
    return token
  }

  async #lookUp(account: string): Promise<void> {
    if (this.#leading !== undefined) {
      await this.#leading.work.peers.know(account)
      return
    }
    const { backend, time } = this.#options
    await lookUpWithoutLead(account, {
      backend,
      run: this.#run,
      time,
      own: () => this.#device.own(),
      token: () => this.#token(),
      onchange: (name) => this.#announce({ kind: 'peer', account: name }),
    })
  }
}
