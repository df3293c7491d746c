import { check } from './errors.js'
import { limits } from './limits.js'

/** What the site lets an account do, by the claim `features` of its token. Other names may stand there: they are the site's own. */
export const callFeatures = Object.freeze({ voice: 'call.voice', video: 'call.video' })

/** The claim as a set; `undefined`, which is everything, where the token has none. Throws `unauthorized` for what is no list of names. */
export function readFeatures(claim: unknown): ReadonlySet<string> | undefined {
  if (claim === undefined) return undefined
  check(Array.isArray(claim) && claim.length <= limits.features && claim.every(isName), 'unauthorized')
  return new Set(claim)
}

/** Whether an account may call: a voice call by either of both features, a video call by its own. */
export function allowsCall(
  features: ReadonlySet<string> | undefined,
  { video }: { video: boolean },
): boolean {
  if (features === undefined || features.has(callFeatures.video)) return true
  return !video && features.has(callFeatures.voice)
}

const isName = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= limits.feature
