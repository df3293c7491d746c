import { memoryStore } from '@sotto/core/memory'
import { createSignalCipher } from '@sotto/signal'
import { BarePerson, type BareMessage } from '../signal/bare-library.js'
import { keptDevices } from '../support/kept-device.js'
import { Talk, type Course, type Ends } from '../support/talk.js'

/** Of one side. Sizes are the largest of both ends so far, in bytes; times are milliseconds a message, round by round. */
export interface Aged {
  /** After as many messages as `ages` says. */
  readonly sizes: readonly number[]
  readonly young: readonly number[]
  readonly old: readonly number[]
}

export interface Contest {
  readonly what: Course
  readonly ours: Aged
  /** Not where most is lost: its every message would then take longer than the one before, and the 10,000 of them five minutes. */
  readonly library?: Aged
}

export const ages = [100, 1_000, 10_000] as const

interface Measured extends Ends<unknown> {
  /** Bytes of the larger end. */
  size(): Promise<number>
}

/** Messages of a round: a whole turn of the mixed course. */
const roundLength = 50
const sizedEvery = 50
const text = new Uint8Array(300)

/**
 * Sessions of ours and of the library that live through the same 10,000 messages. Then new ones, 100 messages old, are timed in turns with the old
 * ones, so that whatever else the machine does falls on all of them.
 */
export async function contest(rounds = 20): Promise<readonly Contest[]> {
  return [await compare('mixed', rounds), await compare('lossy', rounds)]
}

async function compare(what: Course, rounds: number): Promise<Contest> {
  const ours = await generations(what, ourEnds)
  const library = what === 'mixed' ? await generations(what, libraryEnds) : undefined
  for (let round = 0; round < rounds; round++) {
    // Whoever comes second finds the machine as the first has left it.
    const youngFirst = round % 2 === 0
    await ours.time(youngFirst)
    await library?.time(youngFirst)
  }
  return { what, ours: ours.aged, ...(library && { library: library.aged }) }
}

interface Generations {
  readonly aged: Aged
  /** Times a round of the young and one of the old. */
  time(youngFirst: boolean): Promise<void>
}

async function generations(course: Course, start: () => Promise<Measured>): Promise<Generations> {
  const old = await grown(course, ages[2], start)
  const young = await grown(course, ages[0], start)
  const aged = { sizes: old.sizes, young: [] as number[], old: [] as number[] }
  return {
    aged,
    async time(youngFirst) {
      if (!youngFirst) aged.old.push(await time(old.talk))
      aged.young.push(await time(young.talk))
      if (youngFirst) aged.old.push(await time(old.talk))
    },
  }
}

async function time(talk: Talk<unknown>): Promise<number> {
  const start = performance.now()
  await talk.goOn(roundLength)
  return (performance.now() - start) / roundLength
}

interface Grown {
  readonly talk: Talk<unknown>
  readonly sizes: readonly number[]
}

async function grown(course: Course, age: number, start: () => Promise<Measured>): Promise<Grown> {
  const ends = await start()
  const talk = new Talk(ends, course)
  const sizes: number[] = []
  let largest = 0
  for (let written = sizedEvery; written <= age; written += sizedEvery) {
    await talk.goOn(sizedEvery)
    largest = Math.max(largest, await ends.size())
    if (ages.some((one) => one === written)) sizes.push(largest)
  }
  return { talk, sizes }
}

/**
 * Ours with every check on, in rows that are sealed and committed as a client's are: two commits a message. They are kept in memory, because a disk
 * takes ten times as long as all the rest, whatever it writes, and would hide it.
 */
async function ourEnds(): Promise<Measured> {
  const devices = await keptDevices(await createSignalCipher(), () => memoryStore())
  const [alice, bob] = devices
  return {
    write: (side) => devices[side].write(devices[side === 0 ? 1 : 0].other, text),
    async read(side, message) {
      await devices[side].read(devices[side === 0 ? 1 : 0].other, message as Uint8Array)
    },
    size: async () =>
      Math.max(...(await alice.sessionSizes(bob.other)), ...(await bob.sessionSizes(alice.other))),
  }
}

/** The library as its README shows it: records as JSON in a store in memory. */
async function libraryEnds(): Promise<Measured> {
  const people = [await BarePerson.create('alice'), await BarePerson.create('bob')] as const
  const [alice, bob] = people
  const frame = new Uint8Array(512)
  await alice.start(bob)
  await bob.decrypt(alice, await alice.encrypt(bob, frame))
  await alice.decrypt(bob, await bob.encrypt(alice, frame))
  return {
    write: (side) => people[side].encrypt(people[side === 0 ? 1 : 0], frame),
    async read(side, message) {
      await people[side].decrypt(people[side === 0 ? 1 : 0], message as BareMessage)
    },
    size: async () =>
      Math.max(...people.flatMap(({ store }) => [...store.sessions.values()].map((record) => record.length))),
  }
}
