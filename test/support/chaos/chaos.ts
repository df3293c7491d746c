import type { MessageState, ThreadItem } from '@sotto/core'
import type { SessionCipher } from '@sotto/core/ports'
import { EvilRelay } from '../evil-relay.js'
import { problemsOf, textsOf, type Problem } from '../machine/checker.js'
import type { History, Shown } from '../machine/history.js'
import { historyOfTwo, type SaidTo, type Threads } from './history-of-two.js'
import { Recording } from '../machine/recording.js'
import { Seeded } from '../machine/seeded.js'
import { until } from '../until.js'
import { ChaosClient } from './chaos-client.js'
import { FastTime } from './fast-time.js'

/**
 * What befalls one client. `flaky`: answers and acknowledgements are lost, deliveries come twice, late and in another order. `dies`: in the middle
 * of one of its next commits. `disk full`: some of them find no room.
 */
const faults = [
  'cut',
  'mend',
  'mend',
  'kill',
  'flaky',
  'calm',
  'restart',
  'wrong clock',
  'right clock',
] as const
/** With these, of another sequence for the same seed. */
const frailFaults = [...faults, 'dies', 'dies', 'disk full', 'disk full'] as const
const yearMs = 365 * 86_400_000
const accounts = ['alice', 'bob', 'carol', 'dave', 'eve', 'frank', 'grace', 'heidi']

/** A handful of people over the real relay, and what goes wrong between them, by a seed. */
export class Chaos {
  readonly #chance: Seeded
  readonly #relay: EvilRelay
  readonly #recording: Recording
  readonly #clients: readonly ChaosClient[]
  readonly #said: SaidTo[] = []
  /** What was done, to be read when something went wrong. */
  readonly log: string[] = []

  private constructor(
    seed: number,
    made: { relay: EvilRelay; recording: Recording; clients: ChaosClient[] },
  ) {
    this.#chance = new Seeded(seed)
    this.#relay = made.relay
    this.#recording = made.recording
    this.#clients = made.clients
  }

  static async start(cipher: SessionCipher, seed: number, count: number): Promise<Chaos> {
    const start = Date.now()
    const time = new FastTime(new Seeded(seed), start)
    const relay = await EvilRelay.start({ time })
    const recording = new Recording(cipher, (ours, theirs) => ours.join() < theirs.join())
    const clients = accounts
      .slice(0, count)
      .map((account, i) => new ChaosClient(account, { relay, recording, seed: seed + 10 * i, start }))
    const chaos = new Chaos(seed, { relay, recording, clients })
    for (const client of clients) {
      await client.open()
      await until(() => client.client.state.value.name === 'online')
    }
    return chaos
  }

  async end(): Promise<void> {
    for (const client of this.#clients) await client.close()
    await this.#relay.stop()
  }

  /** How many messages were said. */
  get said(): number {
    return this.#said.length
  }

  /** How often a process ended in a commit, and how many commits found no room. */
  get harmed(): { readonly deaths: number; readonly full: number } {
    const sum = { deaths: 0, full: 0 }
    for (const { harmed } of this.#clients) {
      sum.deaths += harmed.deaths
      sum.full += harmed.full
    }
    return sum
  }

  /**
   * Everybody knows everybody; then `steps` things happen; then all is well again, and what came of it is judged. `forgetful`: somebody's
   * store did not keep what it said that it had stored, and says so or not. `isFrail`: processes end in the middle of commits, and disks are
   * full. `repairMs`: how long to wait at most for what has to be sent again.
   */
  async play(
    steps: number,
    {
      forgetful,
      isFrail = false,
      repairMs = 90_000,
    }: { forgetful?: 'honest' | 'liar'; isFrail?: boolean; repairMs?: number } = {},
  ): Promise<readonly Problem[]> {
    await this.#everybodyWrites()
    if (forgetful !== undefined) await this.#forget(forgetful === 'liar')
    for (let i = 0; i < steps; i++) {
      for (const client of this.#clients) await client.alive()
      await (this.#chance.below(3) === 0
        ? this.#harm(isFrail ? frailFaults : faults)
        : this.#send(...this.#pair()))
      await new Promise((resolve) => setTimeout(resolve, this.#chance.below(20)))
    }
    for (const client of this.#clients) {
      client.time.wrongMs = 0
      client.faults.end()
      client.spare()
      ;(await client.alive()).reconnect()
    }
    await this.#everybodyWrites()
    const last = await this.#everybodyWrites()
    const threads = await this.#threads()
    const repaired = await this.#repaired(repairMs)
    const histories = this.#pairs().map((pair) => this.#history(pair, last, threads, repaired))
    return (await Promise.all(histories)).flatMap(problemsOf)
  }

  #pair(): [ChaosClient, ChaosClient] {
    const [one, other] = this.#chance.shuffled(this.#clients)
    if (one === undefined || other === undefined) throw new Error('two people are needed')
    return [one, other]
  }

  #pairs(): [ChaosClient, ChaosClient][] {
    return this.#clients.flatMap((one, i) =>
      this.#clients.slice(i + 1).map((other): [ChaosClient, ChaosClient] => [one, other]),
    )
  }

  async #send(from: ChaosClient, to: ChaosClient): Promise<string> {
    const text = `${from.account} to ${to.account} ${this.#said.length + 1}`
    await from.send(to.account, text)
    const { account } = from
    this.#said.push({ device: account, account, to: to.account, text, isForgotten: false })
    return text
  }

  async #harm(of: typeof faults | typeof frailFaults): Promise<void> {
    const [client] = this.#pair()
    const fault = this.#chance.one<(typeof frailFaults)[number]>(of)
    this.log.push(`${client.account} ${fault}`)
    const { faults: all, time } = client
    if (fault === 'cut') all.cut()
    if (fault === 'mend') all.isCut = false
    if (fault === 'kill') await client.killed()
    if (fault === 'dies') client.endIn(1 + this.#chance.below(12), this.#chance.one(['before', 'after']))
    if (fault === 'disk full') client.full(1 + this.#chance.below(4))
    if (fault === 'restart' && this.#chance.below(3) === 0) await this.#relay.restart()
    if (fault === 'wrong clock') time.wrongMs = this.#chance.one([yearMs, -yearMs])
    if (fault === 'right clock') time.wrongMs = 0
    if (fault === 'calm') all.end()
    if (fault !== 'flaky') return
    all.lostAnswers = 20
    all.lostAcks = 30
    all.doubled = 30
    all.latestMs = 60
  }

  async #forget(isLiar: boolean): Promise<void> {
    const [from, to] = this.#pair()
    from.faults.hidesWhatIsForgotten = isLiar
    // A receipt that came after the copy was made would step the ratchet of what is forgotten, and no key would serve twice.
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const)
      await until(async () => (await one.thread(other.account)).every(isIn('delivered')))
    const { copy } = from
    const text = await this.#send(from, to)
    await until(async () => (await this.#texts(to, from)).includes(text))
    // What it hears first would step its ratchet, and hide what it has forgotten.
    from.faults.isDeaf = true
    await from.killed(copy)
    await this.#send(from, to)
    await until(async () => (await from.thread(to.account)).every(isIn('sent', 'delivered')))
    from.faults.isDeaf = false
  }

  /** Resolves with what was said, when it was read. */
  async #everybodyWrites(): Promise<readonly string[]> {
    const said: { readonly text: string; readonly from: ChaosClient; readonly to: ChaosClient }[] = []
    for (const [one, other] of this.#pairs())
      for (const [from, to] of [
        [one, other],
        [other, one],
      ] as const)
        said.push({ text: await this.#send(from, to), from, to })
    for (const { text, from, to } of said)
      await until(async () => (await this.#texts(to, from)).includes(text))
    return said.map(({ text }) => text)
  }

  async #texts(at: ChaosClient, of: ChaosClient): Promise<readonly string[]> {
    return textsOf(await shownAt(at, of))
  }

  async #threads(): Promise<Threads> {
    const threads: Threads = new Map()
    for (const [one, other] of this.#pairs()) {
      threads.set(`${one.account} ${other.account}`, await shownAt(one, other))
      threads.set(`${other.account} ${one.account}`, await shownAt(other, one))
    }
    return threads
  }

  /** The threads, when everything has come, or there was long enough for it. */
  async #repaired(ms: number): Promise<Threads> {
    const isWhole = (threads: Threads) =>
      this.#said.every(({ account, to, text }) =>
        [`${account} ${to}`, `${to} ${account}`].every((name) =>
          textsOf(threads.get(name) ?? []).includes(text),
        ),
      )
    await until(async () => isWhole(await this.#threads()), ms).catch(() => undefined)
    return this.#threads()
  }

  async #history(
    [one, other]: [ChaosClient, ChaosClient],
    last: readonly string[],
    threads: Threads,
    repaired: Threads,
  ): Promise<History> {
    const theirs = await other.live()
    const [common] = [...(await one.live())].filter((name) => theirs.has(name))
    const [a, b] = [one.account, other.account]
    return {
      ...historyOfTwo([a, b], { said: this.#said, last, threads, repaired }),
      unread: [],
      unreadLast: 0,
      used: this.#recording.used,
      live: [{ between: `${a} and ${b}`, names: [common, common] }],
    }
  }
}

/** Whether a text of one's own is in one of these states. All else is. */
function isIn(...names: readonly MessageState['name'][]): (item: ThreadItem) => boolean {
  return (item) => item.kind !== 'text' || item.state === undefined || names.includes(item.state.name)
}

async function shownAt(at: ChaosClient, of: ChaosClient): Promise<readonly Shown[]> {
  return (await at.thread(of.account)).flatMap((item): readonly Shown[] => {
    if (item.kind === 'text') return [{ kind: 'text', text: item.text, mine: item.mine }]
    return item.kind === 'gap' ? [{ kind: 'gap', count: item.count }] : []
  })
}
