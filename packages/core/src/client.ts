import { SottoError, check, isRealm, requireAccountName } from '@sotto/protocol'
import { readDevice, type OwnDevice } from './account/own-device.js'
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
import type { ConnectionLoop } from './connection.js'
import { ArrivedMessages } from './arrived-messages.js'
import { Inbox } from './conversations/inbox.js'
import {
  TwoPersonConversation,
  progressWith,
  type ConversationContext,
} from './conversations/two-person-conversation.js'
import { Leader } from './leader.js'
import type { LeadWork } from './lead-work.js'
import type { Lease } from './lease.js'
import type { Channel, MediaServers } from './ports/index.js'
import { Profiled } from './profiles.js'
import { Writable, type Readable } from './readable.js'
import { run } from './sessions/run.js'
import type { SealedStore } from './store/sealed-store.js'
import { openSealedStore } from './store/sealed-store.js'
import type { Run } from './store/rows.js'
import { tokenFor } from './token.js'

/** Opens an account on this device. Resolves when what is stored can be shown; connecting goes on by itself, and never rejects this. */
export async function openClient(options: ClientOptions): Promise<Client> {
  requireAccountName(options.account)
  check(isRealm(options.realm), 'no-realm')
  const { store, name, keyPolicy } = options
  const sealed = await openSealedStore(store, { name, ...(keyPolicy === 'wrapped' ? { keyPolicy } : {}) })
  const client = new SottoClient(options, sealed)
  await client.start()
  return client
}

interface Leading {
  readonly work: LeadWork
  readonly loop: ConnectionLoop
  readonly lease: Lease
  readonly servers: MediaServers | 'none'
}

class SottoClient extends EventTarget implements Client {
  readonly account: string
  readonly realm: string
  readonly state = new Writable<ClientState>({ name: 'starting' })
  readonly features = new Writable<ReadonlySet<string> | undefined>(undefined)
  readonly #options: ClientOptions
  readonly #store: SealedStore
  readonly #channel: Channel
  readonly #inbox: Inbox
  readonly #arrived: ArrivedMessages
  readonly #profiles: Profiled
  readonly #conversations = new Map<string, TwoPersonConversation>()
  readonly #closing = new AbortController()
  readonly #known = new Writable<OwnDevice | undefined>(undefined)
  readonly #calls: ClientCalls
  #leading: Leading | undefined
  #led: Promise<void> = Promise.resolve()
  #isWorthKeeping = false

  constructor(options: ClientOptions, store: SealedStore) {
    super()
    this.#options = options
    this.#store = store
    this.account = options.account
    this.realm = options.realm
    this.#profiles = new Profiled(options.profiles)
    this.#channel = options.channels.open(options.name)
    const { time, locks, name, media } = options
    this.#calls = new ClientCalls({
      run: (work) => this.#run(work),
      time,
      locks,
      name,
      media,
      own: () => this.#own(),
      announce: (what) => this.#announce(what),
      servers: () => this.#leading?.servers,
      features: () => this.features.value,
      signal: this.#closing.signal,
      onring: (call) => this.dispatchEvent(new CallRingEvent(call)),
    })
    this.#arrived = new ArrivedMessages({
      read: (work) => this.#run(work),
      say: (event) => this.dispatchEvent(event),
    })
    this.#inbox = new Inbox({
      read: (work) => this.#run(work),
      progressWith: (rows, account) => progressWith(rows, account, this.#context),
    })
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
    const known = this.#run(readDevice).then((own) => this.#known.set(own))
    // Asked for together, because the newest page waits for all of it.
    const shown = Promise.all([this.#calls.load(), this.#inbox.load(known)])
    shown.catch(() => undefined)
    // What is wrong with this device is what is said first.
    await known
    const [showCall] = await shown
    showCall()
    this.#channel.onmessage = (message) => void this.#hear(message as Announcement, false)
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
      .lead((lease) => this.#lead(lease), { signal: this.#closing.signal })
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
    return this.#conversation(account)
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

  #conversation(account: string): TwoPersonConversation {
    requireAccountName(account)
    if (account === this.account) throw new SottoError('wrong-argument', { name: 'account' })
    const known = this.#conversations.get(account)
    if (known !== undefined) return known
    const conversation = new TwoPersonConversation(account, this.#context)
    this.#conversations.set(account, conversation)
    void conversation.refresh().catch(() => undefined)
    return conversation
  }

  /** Leads, until the lease says otherwise. */
  async #lead(lease: Lease): Promise<void> {
    const { backend, account, realm, time, keyPolicy = 'crypto-key', readReceipts = true } = this.#options
    const login = () => {
      const own = this.#known.value
      const { accountId = '', device = '' } = own?.address ?? {}
      const sign = own?.sign ?? (() => Promise.reject(new SottoError('not-set-up-here')))
      return {
        realm,
        account,
        accountId,
        device,
        epoch: lease.epoch,
        sends: work.sends,
        token: () => this.#token(),
        sign,
      }
    }
    const { cipher: given } = this.#options
    // What shows nothing is loaded after what does: the leader's work, and the cipher with its curve.
    const [{ LeadWork }, { ConnectionLoop }, cipher] = await Promise.all([
      import('./lead-work.js'),
      import('./connection.js'),
      typeof given === 'function' ? given() : given,
    ])
    const { transport, directory, servers } = backend(login)
    const announce = (what: Announcement) => this.#announce(what)
    const warn = (error: SottoError) => this.#warn(error)
    const setState = (state: ClientState) => this.#announce({ kind: 'state', state })
    const work = new LeadWork(
      {
        realm,
        account,
        store: this.#store,
        directory,
        cipher,
        time,
        policy: async () => (typeof keyPolicy === 'function' ? keyPolicy() : keyPolicy),
        tellRead: readReceipts,
        announce,
        warn,
        count: () => undefined,
        setOwn: (own) => {
          this.#known.set(own)
        },
      },
      lease,
    )
    const loop = new ConnectionLoop({ transport, time, work, setState, warn })
    await work.load()
    void work.tidy()
    this.#leading = { work, loop, lease, servers: servers ?? 'none' }
    try {
      await loop.run(lease)
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
          if (!ours && leading !== undefined) return
          this.state.set(what.state)
          if (this.#known.value === undefined) this.#known.set(await this.#run(readDevice))
          await Promise.all([...this.#conversations.values()].map((one) => one.refresh()))
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
          if (leading !== undefined && this.#known.value !== undefined) await leading.work.retry(what.account)
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
    await Promise.all([this.#conversations.get(account)?.refresh(), this.#inbox.refresh(account)])
  }

  #warn(error: SottoError): void {
    this.dispatchEvent(new WarningEvent(error))
  }

  get #run(): Run {
    return (work) => run(this.#store, work)
  }

  get #context(): ConversationContext {
    return {
      run: this.#run,
      time: this.#options.time,
      announce: (what) => this.#announce(what),
      own: () => this.#own(),
      knownOwn: () => this.#known.value,
      online: () => this.state.value.name === 'online' || this.state.value.name === 'starting',
      lookUp: (account) => this.#lookUp(account),
      worthKeeping: () => this.#worthKeeping(),
    }
  }

  #worthKeeping(): void {
    if (this.#isWorthKeeping) return
    this.#isWorthKeeping = true
    this.#options.onWorthKeeping?.()
  }

  /** This device. At the very first start it waits for the site and the backend to have answered, one way or the other. */
  async #own(): Promise<OwnDevice> {
    const known = this.#known.value ?? (await this.#run(readDevice))
    if (known !== undefined) return known
    await new Promise<void>((resolve) => {
      const settled = () => {
        if (this.#known.value === undefined && this.state.value.name === 'starting') return
        resolve()
        // Not before both are there: a subscription calls at once.
        queueMicrotask(() => [stopKnown, stopState].forEach((stop) => stop()))
      }
      const stopKnown = this.#known.subscribe(settled)
      const stopState = this.state.subscribe(settled)
    })
    const made = this.#known.value ?? (await this.#run(readDevice))
    if (made === undefined)
      throw new SottoError(this.state.value.name === 'elsewhere' ? 'not-set-up-here' : 'offline')
    return made
  }

  /** A fresh token of the site. What it lets this account do is known from then on, in all tabs. */
  async #token(): Promise<string> {
    const { token, features } = await tokenFor(this.account, this.#options.token)
    this.#announce(featuresAnnouncement(features))
    return token
  }

  async #lookUp(account: string): Promise<void> {
    const leading = this.#leading
    if (leading !== undefined) {
      await leading.work.peers.know(account)
      return
    }
    // Only the leader talks to the backend; another tab asks on a directory of its own, which is a read.
    const own = await this.#own()
    const { address, sign } = own
    const login = () => ({ ...address, epoch: 0, sends: 0, token: () => this.#token(), sign })
    const { directory } = this.#options.backend(login)
    const { PeerDirectory } = await import('./peers/directory.js')
    const onchange = (name: string) => this.#announce({ kind: 'peer', account: name })
    await new PeerDirectory({
      directory,
      run: this.#run,
      realm: this.realm,
      time: this.#options.time,
      onchange,
    }).know(account)
  }
}
