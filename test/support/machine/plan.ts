import { Seeded } from './seeded.js'

/** One thing that befalls the devices of a run. Devices are meant by their place; what cannot be done at that moment is left out. */
export type Step =
  /** A person writes. */
  | { readonly do: 'send'; readonly device: number }
  /** The relay hands over what waits, the first `count`. */
  | { readonly do: 'deliver'; readonly device: number; readonly count: number }
  /** The relay loses one of what waits. */
  | { readonly do: 'drop'; readonly device: number; readonly at: number }
  /** The relay mixes up what waits. */
  | { readonly do: 'shuffle'; readonly device: number; readonly seed: number }
  /** A session is given up: whoever writes next starts a generation. */
  | { readonly do: 'archive'; readonly device: number; readonly other: number }
  /** A copy is made of a device's store. */
  | { readonly do: 'snapshot'; readonly device: number }
  /** The last copy is put back. */
  | { readonly do: 'restore'; readonly device: number }
  /** All give up their sessions and write, before any of it arrives. */
  | { readonly do: 'start together' }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'cut'; readonly device: number }
  | { readonly do: 'mend'; readonly device: number }
  /** What is sent next is taken, and nobody hears that it was. */
  | { readonly do: 'lose answer'; readonly device: number }
  /** The tab is closed and opened. */
  | { readonly do: 'reopen'; readonly device: number }

export interface Plan {
  readonly seed: number
  /** How many devices Alice has; Bob has one. */
  readonly hers: number
  /** Devices by who wins a tie. */
  readonly winners: readonly number[]
  readonly steps: readonly Step[]
}

type Kind = Step['do']

/** What happens in a run, and how often: some kinds of harm leave nothing to complain of and some do, so they are tried apart and together. */
const moods: readonly Partial<Record<Kind, number>>[] = [
  {},
  { shuffle: 4 },
  { cut: 1, mend: 3, 'lose answer': 2, reopen: 1 },
  { drop: 3 },
  { snapshot: 2, restore: 2 },
  { snapshot: 2, restore: 2, cut: 2, mend: 2, reopen: 1 },
  { shuffle: 3, cut: 1, mend: 3, 'lose answer': 2, reopen: 1 },
  { shuffle: 3, drop: 2, snapshot: 2, restore: 2, cut: 1, mend: 3, 'lose answer': 1, reopen: 1 },
]
const always: Partial<Record<Kind, number>> = {
  send: 9,
  deliver: 10,
  archive: 2,
  'start together': 1,
  wait: 2,
}
const waits = [1_000, 15_000, 70_000, 3_700_000]
const longest = 24

/** What a seed means. */
export function planOf(seed: number): Plan {
  const chance = new Seeded(seed)
  const hers = chance.below(3) === 0 ? 2 : 1
  const winners = chance.shuffled(Array.from({ length: hers + 1 }, (_, i) => i))
  const weights = Object.entries({ ...always, ...chance.one(moods) }) as [Kind, number][]
  const bag = weights.flatMap(([kind, weight]) => Array.from({ length: weight }, () => kind))
  const length = 6 + chance.below(longest - 5)
  const steps = Array.from({ length }, () => stepOf(chance.one(bag), hers + 1, chance))
  return { seed, hers, winners, steps }
}

function stepOf(kind: Kind, devices: number, chance: Seeded): Step {
  const device = chance.below(devices)
  switch (kind) {
    case 'start together':
      return { do: kind }
    case 'wait':
      return { do: kind, ms: chance.one(waits) }
    case 'deliver':
      return { do: kind, device, count: 1 + chance.below(4) }
    case 'drop':
      return { do: kind, device, at: chance.below(3) }
    case 'shuffle':
      return { do: kind, device, seed: chance.below(1000) }
    case 'archive':
      return { do: kind, device, other: (device + 1 + chance.below(devices - 1)) % devices }
    default:
      return { do: kind, device }
  }
}

/** A plan as text, short enough to be read and kept: `planFrom` makes the plan of it again. */
export function scriptOf({ hers, winners, steps }: Plan): string {
  return `${hers} (${winners.join(' ')}): ${steps.map((step) => Object.values(step).join(' ')).join(', ')}`
}

const fields: Readonly<Record<Kind, readonly string[]>> = {
  send: ['device'],
  deliver: ['device', 'count'],
  drop: ['device', 'at'],
  shuffle: ['device', 'seed'],
  archive: ['device', 'other'],
  snapshot: ['device'],
  restore: ['device'],
  'start together': [],
  wait: ['ms'],
  cut: ['device'],
  mend: ['device'],
  'lose answer': ['device'],
  reopen: ['device'],
}

export function planFrom(script: string): Plan {
  const [, hers, winners = '', steps = ''] = /^(\d) \(([\d ]+)\): (.*)$/.exec(script) ?? []
  const read = (text: string): Step => {
    const kind = (Object.keys(fields) as Kind[]).find((one) => text.startsWith(one))
    if (kind === undefined) throw new Error(`no such step: ${text}`)
    const numbers = text.slice(kind.length).trim().split(' ')
    return {
      do: kind,
      ...Object.fromEntries(fields[kind].map((name, i) => [name, Number(numbers[i])])),
    } as Step
  }
  return {
    seed: 0,
    hers: Number(hers),
    winners: winners.split(' ').map(Number),
    steps: steps === '' ? [] : steps.split(', ').map(read),
  }
}
