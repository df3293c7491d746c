import { limits } from './limits.js'

/** What may be a name of an account or a site. Apart from how they are written on the wire, so that a page can ask before it knows that. */

export const accountNamePattern = /^[a-z0-9._-]{1,64}$/
const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?'
export const realmPattern = new RegExp(`^${label}(?:\\.${label})*$`)

/** Whether `value` may be an account name. */
export function isAccountName(value: unknown): value is string {
  return typeof value === 'string' && accountNamePattern.test(value) && isNoPathStep(value)
}

/** Whether `value` may be a realm. */
export function isRealm(value: unknown): value is string {
  return typeof value === 'string' && value.length <= limits.realm && realmPattern.test(value)
}

/** `.` and `..` are no names: a path that carries one of them is another path. */
export function isNoPathStep(name: string): boolean {
  return name !== '.' && name !== '..'
}
