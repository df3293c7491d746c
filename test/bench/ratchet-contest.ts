import { createSignalCipher } from '@sotto/signal'
import { BarePerson } from '../signal/bare-library.js'
import { talkingDevices } from '../signal/two-devices.js'

/**
 * Times of one contest, in milliseconds for one message encrypted and decrypted, round by round. Ours with
 * every check on.
 */
export interface Contest {
  readonly what: string
  readonly ours: readonly number[]
  readonly library: readonly number[]
}

type Turn = () => Promise<void>

/** The smallest padded frame. */
const plaintext = new Uint8Array(512)

/** Runs both in turns, so that whatever else the machine does falls on both. Runs in Node and in a page. */
export async function contest(rounds = 8): Promise<readonly Contest[]> {
  const ours = await ourTurns()
  const library = await libraryTurns()
  return [
    await compare('a message with a ratchet step', rounds, [ours.step, 40], [library.step, 8]),
    await compare('a message in one chain', rounds, [ours.chain, 100], [library.chain, 50]),
  ]
}

async function compare(
  what: string,
  rounds: number,
  [ours, ourCount]: readonly [Turn, number],
  [library, libraryCount]: readonly [Turn, number],
): Promise<Contest> {
  const result = { what, ours: [] as number[], library: [] as number[] }
  await time(ours, ourCount)
  await time(library, libraryCount)
  for (let round = 0; round < rounds; round++) {
    result.ours.push(await time(ours, ourCount))
    result.library.push(await time(library, libraryCount))
  }
  return result
}

async function time(turn: Turn, count: number): Promise<number> {
  const start = performance.now()
  for (let i = 0; i < count; i++) await turn()
  return (performance.now() - start) / count
}

async function ourTurns(): Promise<{ step: Turn; chain: Turn }> {
  const cipher = await createSignalCipher()
  let [from, to] = await talkingDevices(cipher)
  const [sender, receiver] = await talkingDevices(cipher)
  return {
    async step() {
      await to.decrypt(from, await from.encrypt(plaintext))
      ;[from, to] = [to, from]
    },
    async chain() {
      await receiver.decrypt(sender, await sender.encrypt(plaintext))
    },
  }
}

async function libraryTurns(): Promise<{ step: Turn; chain: Turn }> {
  let [from, to] = await barePair()
  const [sender, receiver] = await barePair()
  return {
    async step() {
      await to.decrypt(from, await from.encrypt(to, plaintext))
      ;[from, to] = [to, from]
    },
    async chain() {
      await receiver.decrypt(sender, await sender.encrypt(receiver, plaintext))
    },
  }
}

async function barePair(): Promise<readonly [BarePerson, BarePerson]> {
  const [alice, bob] = [await BarePerson.create('alice'), await BarePerson.create('bob')]
  await alice.start(bob)
  await bob.decrypt(alice, await alice.encrypt(bob, plaintext))
  await alice.decrypt(bob, await bob.encrypt(alice, plaintext))
  return [alice, bob]
}
