import type { ThreadItem } from '@sotto/core'
import type { SessionCipher } from '@sotto/core/ports'
import { missingFrom, textsOf } from './checker.js'
import { found, type Founded } from './founding.js'
import type { History, Said, Shown } from './history.js'
import { MachineDevice } from './machine-device.js'
import type { MachineDisk } from './machine-disk.js'
import { MachineNetwork } from './machine-network.js'
import { MachineTime } from './machine-time.js'
import type { Plan, Step } from './plan.js'
import type { Quiet } from './quiet.js'
import { Recording } from './recording.js'
import { soundRules, type Rules } from './rules.js'
import { Seeded } from './seeded.js'

const start = 1_790_000_000_000
/** How often everybody writes in the end. */
const rounds = 2
/** Longer than the longest pause between two questions for the same. */
const longestRepairMs = 80 * 60_000

interface Copy {
  readonly disk: MachineDisk
  readonly said: number
}

/** Plays plans over the real core and cipher. Accounts are founded once, because that takes longer than a run. */
export class Machine {
  readonly #cipher: SessionCipher
  readonly #quiet: Quiet
  readonly #founded = new Map<number, Promise<Founded>>()

  constructor(cipher: SessionCipher, quiet: Quiet) {
    this.#cipher = cipher
    this.#quiet = quiet
  }

  async play(plan: Plan, rules: Rules = soundRules): Promise<History> {
    const founding = this.#founded.get(plan.hers) ?? found(this.#cipher, plan.hers, start)
    this.#founded.set(plan.hers, founding)
    const run = new MachineRun(plan, await founding, { cipher: this.#cipher, quiet: this.#quiet, rules })
    try {
      return await run.play()
    } finally {
      await run.end()
    }
  }
}

class MachineRun {
  readonly #plan: Plan
  readonly #quiet: Quiet
  readonly #recording: Recording
  readonly #time: MachineTime
  readonly #network: MachineNetwork
  readonly #devices: readonly MachineDevice[]
  readonly #copies = new Map<MachineDevice, Copy>()
  readonly #said: Said[] = []
  #dropped = 0
  #restored = 0
  #shuffled = 0

  constructor(
    plan: Plan,
    founded: Founded,
    { cipher, quiet, rules }: { cipher: SessionCipher; quiet: Quiet; rules: Rules },
  ) {
    this.#plan = plan
    this.#quiet = quiet
    const rank = new Map(
      plan.winners.map((device, place) => [founded.devices[device]?.own.identity.publicKey.join(), place]),
    )
    const rankOf = (key: Uint8Array) => rank.get(key.join()) ?? 0
    this.#recording = new Recording(cipher, (ours, theirs) => rankOf(ours) < rankOf(theirs))
    this.#time = new MachineTime(start + 1, quiet, new Seeded(plan.seed + 1))
    const onsend = (batch: Parameters<Recording['sent']>[0]) => this.#recording.sent(batch)
    this.#network = new MachineNetwork({ founded, time: this.#time, onsend, remembers: rules.remembers })
    const world = { network: this.#network, time: this.#time, quiet, cipher: this.#recording.cipher, rules }
    this.#devices = founded.devices.map((one, i) => {
      const number = i < plan.hers ? i + 1 : 1
      return new MachineDevice(world, `${one.own.address.account}${number}`, one)
    })
  }

  async play(): Promise<History> {
    for (const device of this.#devices) await device.open()
    for (const step of this.#plan.steps) {
      await this.#take(step)
      await this.#quiet.come()
    }
    const { last, unreadBefore } = await this.#settle()
    const unreadLast = this.#unread().length - unreadBefore
    const live = await this.#live()
    const threads = await this.#threads()
    return {
      devices: this.#devices.map(({ name, account }) => ({ name, account })),
      said: this.#said,
      threads,
      repaired: await this.#repaired(threads),
      last,
      unread: this.#unread(),
      unreadLast,
      used: this.#recording.used,
      live,
      harm: { dropped: this.#dropped, restored: this.#restored, shuffled: this.#shuffled },
    }
  }

  async end(): Promise<void> {
    for (const device of this.#devices) await device.close()
  }

  async #take(step: Step): Promise<void> {
    if (step.do === 'wait') return this.#time.pass(step.ms)
    if (step.do === 'start together') return this.#startTogether()
    const device = this.#device(step.device)
    switch (step.do) {
      case 'send':
        return this.#send(device)
      case 'deliver':
        for (let i = 0; i < step.count; i++) await this.#deliver(device)
        return
      case 'drop':
        return this.#drop(device, step.at)
      case 'shuffle':
        return this.#shuffle(device, step.seed)
      case 'archive':
        return device.archive(this.#device(step.other))
      case 'snapshot':
        this.#copies.set(device, {
          disk: device.disk.copy(),
          said: this.#said.filter((one) => one.device === device.name).length,
        })
        return
      case 'restore':
        return this.#restore(device)
      case 'cut':
        return this.#network.cut(device.device)
      case 'mend':
        return this.#mend(device)
      case 'lose answer':
        return this.#network.loseAnswer(device.device)
      case 'reopen':
        return this.#reopen(device)
    }
  }

  async #send(device: MachineDevice): Promise<void> {
    const text = `${device.name} says ${this.#said.length + 1}`
    await device.send(text)
    this.#said.push({ device: device.name, account: device.account, text, isForgotten: false })
    await this.#quiet.come()
  }

  async #startTogether(): Promise<void> {
    for (const device of this.#devices) {
      for (const other of this.#devices) if (other !== device) await device.archive(other)
    }
    for (const device of this.#devices) await this.#send(device)
  }

  async #deliver({ device }: MachineDevice): Promise<boolean> {
    const delivered = this.#network.deliver(device)
    if (delivered) await this.#quiet.come()
    return delivered
  }

  #drop({ device }: MachineDevice, at: number): void {
    const box = this.#network.boxes.get(device) ?? []
    if (box.length > 0) this.#dropped += box.splice(at % box.length, 1).length
  }

  #shuffle({ device }: MachineDevice, seed: number): void {
    const box = this.#network.boxes.get(device)
    if (box === undefined) return
    this.#network.boxes.set(device, new Seeded(seed).shuffled(box))
    this.#shuffled++
  }

  async #mend(device: MachineDevice): Promise<void> {
    if (this.#network.isUp(device.device)) return
    this.#network.mend(device.device)
    device.retry()
    await this.#quiet.come()
  }

  async #reopen(device: MachineDevice): Promise<void> {
    await device.close()
    await device.open()
  }

  async #restore(device: MachineDevice): Promise<void> {
    const copy = this.#copies.get(device)
    if (copy === undefined) return
    await this.#mend(device)
    await device.close()
    device.disk = copy.disk.copy()
    const own = this.#said.filter((one) => one.device === device.name)
    for (const one of own.slice(copy.said)) one.isForgotten = true
    this.#restored++
    await device.open()
  }

  /** The network is quiet and honest again: everything arrives, and everybody writes to and fro. */
  async #settle(): Promise<{ readonly last: readonly string[]; readonly unreadBefore: number }> {
    this.#network.behave()
    // Longer than a session's answer may take.
    await this.#deliverAll(61_000)
    let unreadBefore = 0
    for (let round = 0; round < rounds; round++) {
      unreadBefore = this.#unread().length
      for (const device of this.#devices) {
        await this.#send(device)
        await this.#deliverAll(1_000)
      }
    }
    const last = this.#said.slice(-this.#devices.length).map(({ text }) => text)
    return { last, unreadBefore }
  }

  /** What is shown when there was time to ask for what is missing, and to send it again. */
  async #repaired(threads: History['threads']): Promise<History['threads']> {
    let shown = threads
    for (let ms = 61_000; ms <= longestRepairMs; ms *= 2) {
      const isMissing = [...shown.values()].some((one) => missingFrom(this.#said, textsOf(one)).length > 0)
      if (!isMissing) return shown
      await this.#deliverAll(ms)
      shown = await this.#threads()
    }
    return shown
  }

  /** Delivers what is on its way, and what is answered to it within that time. */
  async #deliverAll(answeringMs: number): Promise<void> {
    for (const device of this.#devices) {
      device.retry()
      await this.#quiet.come()
    }
    await this.#deliverWaiting()
    await this.#time.pass(answeringMs)
    await this.#deliverWaiting()
  }

  async #deliverWaiting(): Promise<void> {
    let delivered = true
    while (delivered) {
      delivered = false
      for (const device of this.#devices) delivered = (await this.#deliver(device)) || delivered
    }
  }

  async #threads(): Promise<History['threads']> {
    const threads = new Map<string, readonly Shown[]>()
    for (const device of this.#devices) threads.set(device.name, (await device.thread()).flatMap(shownAs))
    return threads
  }

  async #live(): Promise<History['live']> {
    const live: History['live'][number][] = []
    for (const [i, one] of this.#devices.entries()) {
      for (const other of this.#devices.slice(i + 1))
        live.push({
          between: `${one.name} and ${other.name}`,
          names: [await one.live(other), await other.live(one)],
        })
    }
    return live
  }

  #unread(): History['unread'] {
    return this.#devices.flatMap(({ name, unread }) => unread.map((code) => ({ device: name, code })))
  }

  #device(at: number): MachineDevice {
    const device = this.#devices[at % this.#devices.length]
    if (device === undefined) throw new Error('a run has devices')
    return device
  }
}

function shownAs(item: ThreadItem): readonly Shown[] {
  if (item.kind === 'text') return [{ kind: 'text', text: item.text, mine: item.mine }]
  return item.kind === 'gap' ? [{ kind: 'gap', count: item.count }] : []
}
