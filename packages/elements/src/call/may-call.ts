import { allowsCall } from '@sotto/protocol'

/** What the site lets an account do; `undefined` is everything. */
type Features = ReadonlySet<string> | undefined

export const mayVideo = (features: Features): boolean => allowsCall(features, { video: true })

/** Who may show themselves may be heard, too. */
export const mayCall = (features: Features): boolean => allowsCall(features, { video: false })
