import { randomBytes } from 'node:crypto'

/** Somebody whom this browser may be: the account name, and how the site shows it. */
export interface Person {
  readonly account: string
  readonly name: string
}

export interface DemoLogin {
  /** Who is shown on the page. */
  readonly people: readonly Person[]
  /** Accounts this browser gets tokens for. */
  readonly allowed: readonly string[]
  /** To be set, where this browser is new. */
  readonly cookie: string | undefined
}

const pairPattern = /^[0-9a-f]{3,8}$/
const namePattern = /^[a-z0-9._]{1,32}$/

/**
 * A demo's login: whoever asks for a name gets it. Each browser has a pair of people of its own, by cookie, so that a second browser never
 * meets an account that lives elsewhere. `?as=carol` is one person alone, whose name has no dash and so is in no pair.
 */
export function demoLogin(cookies: string | undefined, url: URL): DemoLogin {
  const known = /(?:^|;\s*)sotto-demo=([^;]*)/.exec(cookies ?? '')?.[1]
  const pair = known !== undefined && pairPattern.test(known) ? known : randomBytes(3).toString('hex')
  const cookie =
    pair === known ? undefined : `sotto-demo=${pair}; Path=/; HttpOnly; SameSite=Strict; Max-Age=31536000`
  const both = [
    { account: `alice-${pair}`, name: 'Alice' },
    { account: `bob-${pair}`, name: 'Bob' },
  ]
  const as = url.searchParams.get('as') ?? url.searchParams.get('account')
  const alone =
    as !== null && namePattern.test(as)
      ? [{ account: as, name: as.charAt(0).toUpperCase() + as.slice(1) }]
      : []
  return {
    people: alone.length > 0 ? alone : both,
    allowed: [...both, ...alone].map((one) => one.account),
    cookie,
  }
}
