import type { Client, Readable } from '@sotto/core'

/** A client whose backend says what it offers. `undefined`: it has not said so, and then nothing is kept from the person. */
interface Featured {
  readonly features?: Readable<ReadonlySet<string> | undefined>
}

type Features = ReadonlySet<string> | undefined

export const featuresOf = (client: Client | undefined): Readable<Features> | undefined =>
  (client as (Client & Featured) | undefined)?.features

export const mayVideo = (features: Features): boolean => features?.has('call.video') ?? true

/** A backend with video has voice, too. */
export const mayCall = (features: Features): boolean =>
  features === undefined || features.has('call.voice') || features.has('call.video')
