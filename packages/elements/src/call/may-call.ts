/** What the site lets an account do; `undefined` is everything. */
type Features = ReadonlySet<string> | undefined

export const mayVideo = (features: Features): boolean => features?.has('call.video') ?? true

/** Who may show themselves may be heard, too. */
export const mayCall = (features: Features): boolean =>
  features === undefined || features.has('call.voice') || features.has('call.video')
