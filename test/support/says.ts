import { run } from '@sotto/core'
import {
  contentTypes,
  emptyExt,
  encodeBodyOf,
  unreadBody,
  type ContentType,
  type UnreadBody,
} from '@sotto/protocol'
import { nextClock } from '../../packages/core/src/messages/clock.js'
import { enqueue, type Draft } from '../../packages/core/src/messages/outbox.js'
import type { Installation, World } from './people.js'

/** What a client that was changed says to an account: anything, in its device's own sessions. It goes out with what it sends next, or when it is woken. */
export async function says(
  world: World,
  place: Installation,
  account: string,
  type: ContentType,
  body: Uint8Array,
  more: Partial<Draft> = {},
): Promise<void> {
  await run(await place.sealed(), async (rows) => {
    const clock = await nextClock(rows, world.time.now())
    enqueue(rows, { account, type: contentTypes[type].type, body, clock, ...more })
  })
}

/** It asks a device for something. */
export function asks(
  world: World,
  place: Installation,
  account: string,
  only: { readonly accountId: string; readonly device: string },
  body: Partial<UnreadBody>,
  fresh: boolean,
): Promise<void> {
  const whole = encodeBodyOf(unreadBody, { envelopes: [], numbers: [], ext: emptyExt, ...body })
  return says(world, place, account, 'unread', whole, { only, fresh })
}
