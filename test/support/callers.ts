import type { Call, CallItem, Client, ClientOptions, ThreadItem } from '@sotto/core'
import { MemoryMedia } from '@sotto/core/memory'
import { watch, World, type Installation } from './people.js'

/** Somebody who can be called: an installation, its client, its media. */
export interface Caller {
  readonly installation: Installation
  readonly client: Client
  readonly media: MemoryMedia
}

/** A world in which people call each other. */
export class CallWorld {
  readonly world: World
  readonly #room = new MemoryMedia()

  constructor(world: World) {
    this.world = world
  }

  static async make(): Promise<CallWorld> {
    return new CallWorld(await World.make())
  }

  /** Alice and Bob, who has a second device. */
  static async withTablet(): Promise<{
    readonly calls: CallWorld
    readonly alice: Caller
    readonly bob: Caller
    readonly tablet: Caller
  }> {
    const calls = await CallWorld.make()
    const { alice, bob } = await calls.contacts()
    const tablet = await calls.open(await calls.world.join(bob.installation))
    // What one device of his writes tells the other whom he knows.
    await bob.client.conversation('alice').send('to all')
    const seen = watch(tablet.client, 'alice')
    await calls.time.until(() => seen.texts().length === 1)
    return { calls, alice, bob, tablet }
  }

  get time() {
    return this.world.time
  }

  async open(installation: Installation, options: Partial<ClientOptions> = {}): Promise<Caller> {
    const media = new MemoryMedia(this.#room)
    const client = await this.world.online(await installation.open({ media, ...options }))
    return { installation, client, media }
  }

  person(account: string): Promise<Caller> {
    return this.open(this.world.installation(account))
  }

  /** Two people who have written to each other, so that they may call. */
  async contacts(): Promise<{ readonly alice: Caller; readonly bob: Caller }> {
    const [alice, bob] = [await this.person('alice'), await this.person('bob')]
    await this.introduce(alice, bob)
    return { alice, bob }
  }

  async introduce(one: Caller, other: Caller): Promise<void> {
    const { client } = other
    const relation = client.conversation(one.client.account).relation
    await one.client.conversation(client.account).send('hello')
    await this.time.until(() => relation.value === 'request')
    await client.conversation(one.client.account).accept()
    await this.time.until(() => relation.value === 'accepted')
  }

  /** Waits until a client has a call, in a phase where one is given. */
  async ring({ client }: Caller, phase?: Call['state']['value']['phase']): Promise<Call> {
    await this.time.until(() => {
      const call = client.call.value
      return call !== undefined && (phase === undefined || call.state.value.phase === phase)
    })
    const call = client.call.value
    if (call === undefined) throw new Error('no call')
    return call
  }

  /** Alice calls, Bob answers, and both are connected. */
  async connected(
    from: Caller,
    to: Caller,
    video = false,
  ): Promise<{ readonly call: Call; readonly theirs: Call }> {
    const call = await from.client.placeCall(to.client.account, { video, direct: true })
    const theirs = await this.ring(to)
    await theirs.answer({ video, direct: true })
    await this.phase([call, theirs], 'connected')
    return { call, theirs }
  }

  phase(calls: readonly Call[], phase: Call['state']['value']['phase']): Promise<void> {
    return this.time.until(() => calls.every((one) => one.state.value.phase === phase), 200_000)
  }
}

/** The lines of calls in a thread, in words. */
export function linesOf(items: readonly ThreadItem[]): readonly string[] {
  return items
    .filter((one): one is CallItem => one.kind === 'call')
    .map(({ mine, video, outcome }) => `${mine ? '>' : '<'} ${video ? 'video' : 'voice'} ${outcome ?? 'now'}`)
}
