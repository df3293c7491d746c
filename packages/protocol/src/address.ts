import { limits } from './limits.js'
import { id, refine, text, type Shaped } from './shape.js'
import { field, struct } from './struct.js'
import { SottoError } from './errors.js'
import { accountNamePattern, isAccountName, isNoPathStep, realmPattern } from './names.js'

/**
 * The site's name for its user: ASCII `[a-z0-9._-]`, 1 to 64 characters. No other form is ever folded into it. `.` and `..` are no names: a
 * path that carries one of them is another path.
 */
export const accountName = refine(text(limits.accountName, accountNamePattern), 'account', isNoPathStep)

/** The site's host name: lower case, no port. */
export const realm = text(limits.realm, realmPattern)

/** A device's id: 16 random bytes, as 32 hexadecimal digits in memory. */
export const deviceId = id(16)

/** An account's id: the SHA-256 of its first list, as 64 hexadecimal digits in memory. */
export const accountId = id(32)

/** One installation of one account at one site. */
export const address = struct({
  realm: field(1, realm),
  account: field(2, accountName),
  accountId: field(3, accountId),
  device: field(4, deviceId),
})

export type Address = Shaped<typeof address>

/** `value` where it is an account name. Throws `wrong-argument`. */
export function requireAccountName(value: unknown): string {
  if (!isAccountName(value)) throw new SottoError('wrong-argument', { name: 'account' })
  return value
}

/** Whether both name the same installation of the same account id. */
export function sameAddress(a: Address, b: Address): boolean {
  return (
    a.realm === b.realm && a.account === b.account && a.accountId === b.accountId && a.device === b.device
  )
}
