import type { SessionCipher } from '@sotto/core/ports'
import { decodeBody, toHex, type Batch } from '@sotto/protocol'
import { openChromium } from '../chromium.js'
import { problemsOf, textsOf, type Problem } from '../machine/checker.js'
import type { History } from '../machine/history.js'
import { historyOfTwo, type SaidTo, type Threads } from './history-of-two.js'
import { Seeded } from '../machine/seeded.js'
import type { TestContext } from '../test-body.js'
import { until } from '../until.js'
import { WatchedRelay } from '../watched-relay.js'
import { ChaosTabs } from './chaos-tabs.js'

const accounts = ['alice', 'bob', 'carol'] as const
const faults = [
  'open',
  'open',
  'kill',
  'kill',
  'relay killed',
  'cut',
  'mend',
  'flaky',
  'calm',
  'clock',
] as const

type Fault = (typeof faults)[number]

/** What has to be sent again is asked for after a minute. */
const patienceMs = 120_000

/** The same as `Chaos` with nothing in one process: a real relay that is killed, real tabs that close and crash. Not as fast, and judged alike. */
export class RealChaos {
  readonly #cipher: SessionCipher
  readonly #chance: Seeded
  readonly #relay: WatchedRelay
  readonly #people: readonly ChaosTabs[]
  readonly #said: SaidTo[] = []
  #texts = 0
  /** What was done, to be read when something went wrong. */
  readonly log: string[] = []
  /** How often the relay was killed. */
  relayKilled = 0

  private constructor(
    cipher: SessionCipher,
    made: { chance: Seeded; relay: WatchedRelay; people: readonly ChaosTabs[] },
  ) {
    this.#cipher = cipher
    this.#chance = made.chance
    this.#relay = made.relay
    this.#people = made.people
  }

  /** Resolves with `undefined`, the test skipped, where there is no Chromium. */
  static async start(test: TestContext, cipher: SessionCipher, seed: number): Promise<RealChaos | undefined> {
    const browser = await openChromium(test)
    if (browser === undefined) return undefined
    const [relay, chance] = [await WatchedRelay.start(test), new Seeded(seed)]
    const people: ChaosTabs[] = []
    for (const account of accounts) people.push(await ChaosTabs.start(account, { browser, relay, chance }))
    return new RealChaos(cipher, { chance, relay, people })
  }

  /** How many messages were said. */
  get said(): number {
    return this.#said.length
  }

  /** How many tabs have closed or crashed. */
  get tabsKilled(): number {
    return this.#people.reduce((sum, { killed }) => sum + killed, 0)
  }

  /** Everybody knows everybody; then `steps` things happen; then all is well again, and what came of it is judged. */
  async play(steps: number): Promise<readonly Problem[]> {
    await this.#everybodyWrites()
    for (let i = 0; i < steps; i++) {
      await (this.#chance.below(2) === 0 ? this.#harm() : this.#sendSome())
      await new Promise((resolve) => setTimeout(resolve, this.#chance.below(80)))
    }
    await this.#heal()
    await this.#everybodyWrites()
    return this.#judge(await this.#everybodyWrites())
  }

  /** A relay that says of a message that it has it, and has not, and keys that served twice: to see that this is noticed. */
  async lie(): Promise<readonly Problem[]> {
    await this.#everybodyWrites()
    const [from, to] = this.#pair()
    this.#relay.onTheWay.swallows = () => true
    const { length } = this.#relay.batches
    const text = await this.#send(from, to)
    await until(() => this.#relay.batches.length > length)
    const threads = await this.#threads()
    const used = usesOf(this.#cipher, this.#relay.batches)
    const seen = { last: [text], threads, repaired: threads, used: [...used, ...used.map(withOtherText)] }
    return this.#pairs().flatMap((pair) => problemsOf(this.#history(pair, seen)))
  }

  async #sendSome(): Promise<void> {
    const [one, other] = this.#pair()
    await Promise.all([
      this.#send(one, other),
      ...(this.#chance.below(2) === 0 ? [this.#send(other, one)] : []),
    ])
  }

  async #harm(): Promise<void> {
    const [person] = this.#pair()
    const fault = this.#chance.one<Fault>(faults)
    this.log.push(`${person.account} ${fault}`)
    const { onTheWay } = this.#relay
    switch (fault) {
      case 'open':
        return person.openOne()
      case 'kill':
        // In the middle of what it does, too.
        await Promise.all([this.#send(person, this.#otherThan(person)), person.kill()])
        return
      case 'relay killed':
        this.relayKilled++
        return this.#relay.restart()
      case 'cut':
        return this.#relay.cut()
      case 'mend':
        this.#relay.isCut = false
        return
      case 'flaky':
        onTheWay.losesAnswer = () => this.#chance.below(5) === 0
        onTheWay.doubles = () => this.#chance.below(3) === 0
        return
      case 'calm':
        return this.#calm()
      case 'clock':
        person.turnClock()
    }
  }

  #calm(): void {
    delete this.#relay.onTheWay.losesAnswer
    delete this.#relay.onTheWay.doubles
  }

  async #heal(): Promise<void> {
    this.#calm()
    this.#relay.isCut = false
    await Promise.all(this.#people.map((one) => one.heal()))
  }

  #pair(): [ChaosTabs, ChaosTabs] {
    const [one, other] = this.#chance.shuffled(this.#people)
    if (one === undefined || other === undefined) throw new Error('two people are needed')
    return [one, other]
  }

  #otherThan(person: ChaosTabs): ChaosTabs {
    return this.#chance.one(this.#people.filter((one) => one !== person))
  }

  #pairs(): [ChaosTabs, ChaosTabs][] {
    return this.#people.flatMap((one, i) =>
      this.#people.slice(i + 1).map((other): [ChaosTabs, ChaosTabs] => [one, other]),
    )
  }

  async #send(from: ChaosTabs, to: ChaosTabs): Promise<string> {
    const { account } = from
    const text = `${account} to ${to.account} ${++this.#texts}`
    await from.send(to.account, text)
    this.#said.push({ device: account, account, to: to.account, text, isForgotten: false })
    return text
  }

  /** Resolves with what was said, when it was read. */
  async #everybodyWrites(): Promise<readonly string[]> {
    const texts: string[] = []
    for (const [one, other] of this.#pairs()) {
      const said = await Promise.all([this.#send(one, other), this.#send(other, one)])
      const isRead = async () => {
        const threads = [await one.thread(other.account), await other.thread(one.account)].map(textsOf)
        return threads.every((thread) => said.every((text) => thread.includes(text)))
      }
      await until(isRead, patienceMs)
      texts.push(...said)
    }
    return texts
  }

  async #judge(last: readonly string[]): Promise<readonly Problem[]> {
    const threads = await this.#threads()
    await until(async () => this.#isWhole(await this.#threads()), patienceMs).catch(() => undefined)
    const repaired = await this.#threads()
    const used = usesOf(this.#cipher, this.#relay.batches)
    const histories = this.#pairs().map((pair) => this.#history(pair, { last, threads, repaired, used }))
    const led = this.#relay.ledTwice.map((account) => ({
      fault: 'not converged' as const,
      what: `two tabs of ${account} have led`,
    }))
    return [...histories.flatMap(problemsOf), ...(await this.#differences()), ...led]
  }

  async #threads(): Promise<Threads> {
    const threads: Threads = new Map()
    for (const at of this.#people)
      for (const of of this.#people)
        if (at !== of) threads.set(`${at.account} ${of.account}`, await at.thread(of.account))
    return threads
  }

  #isWhole(threads: Threads): boolean {
    return this.#said.every(({ account, to, text }) =>
      [`${account} ${to}`, `${to} ${account}`].every((at) => textsOf(threads.get(at) ?? []).includes(text)),
    )
  }

  #history([one, other]: readonly [ChaosTabs, ChaosTabs], { used, ...seen }: Seen): History {
    return {
      ...historyOfTwo([one.account, other.account], { said: this.#said, ...seen }),
      // What a page holds of its sessions nobody sees from outside: what was written last and is read says that they are the same.
      unread: [],
      unreadLast: 0,
      live: [],
      used,
    }
  }

  /** Tabs of one account that do not show one thread. */
  async #differences(): Promise<readonly Problem[]> {
    const problems: Problem[] = []
    for (const at of this.#people)
      for (const { account } of this.#people) {
        if (at.account === account) continue
        const seen = new Set((await at.threads(account)).map((one) => JSON.stringify(one)))
        if (seen.size > 1) problems.push({ fault: 'not converged', what: `the tabs of ${at.account}` })
      }
    return problems
  }
}

interface Seen {
  readonly last: readonly string[]
  readonly threads: Threads
  readonly repaired: Threads
  readonly used: History['used']
}

const withOtherText = ({ key, plaintext }: History['used'][number]) => ({ key, plaintext: `${plaintext}00` })

/** What left devices under which key and counter. What was encrypted is not seen here: what it became is another for another plaintext. */
function usesOf(cipher: SessionCipher, batches: readonly Batch[]): History['used'] {
  return batches.flatMap(({ envelopes }) =>
    envelopes.flatMap(({ body }) => {
      if (body === undefined) return []
      const { ciphertext } = decodeBody(body).body
      const { ratchetKey, counter } = cipher.inspect(ciphertext)
      return [{ key: `${toHex(ratchetKey)} ${counter}`, plaintext: toHex(ciphertext) }]
    }),
  )
}
