import { toHex, randomBytes } from '@sotto/protocol'
import type { Backend } from '../ports/index.js'
import type { Case } from './case.js'

/** A backend to be tried. It may have been used before: cases make accounts of their own. */
export interface BackendPlace {
  readonly realm: string
  /** Another backend each time, as another installation has it. */
  backend(): Backend
  /** A site's token for that account. */
  token(account: string): Promise<string>
  dispose(): Promise<void>
}

/** Cases that each get a place of their own. */
export function backendCases<Place extends BackendPlace>(make: () => Promise<Place>) {
  const cases: Case[] = []
  const add = (name: string, run: (place: Place) => Promise<void>) => {
    cases.push({
      name,
      async run() {
        const place = await make()
        try {
          await run(place)
        } finally {
          await place.dispose()
        }
      },
    })
  }
  return { cases, add }
}

/** An account name that nobody else has. */
export const someAccount = (): string => `case-${toHex(randomBytes(8))}`
