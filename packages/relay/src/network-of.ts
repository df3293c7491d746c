import { isIPv6 } from 'node:net'

/** An IPv6 network of one customer, as they are commonly handed out: /64, four groups of sixteen bits. */
const groups = 4

/**
 * Whose limit an address counts against: an IPv4 address by itself, and of IPv6 its network, in which one customer has as many addresses as they
 * like. What is no address is returned as it is.
 */
export function networkOf(address: string): string {
  const [plain = ''] = address.split('%')
  if (!isIPv6(plain)) return address
  // The browser's way of writing an address: shortest, in lower case, without a dotted part.
  const [head = '', tail] = new URL(`http://[${plain}]`).hostname.slice(1, -1).split('::')
  const [before, after] = [head, tail ?? ''].map((one) => (one === '' ? [] : one.split(':'))) as [
    string[],
    string[],
  ]
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length
  const all = [...before, ...Array<string>(zeros).fill('0'), ...after]
  const isMapped = all.slice(0, 6).join() === '0,0,0,0,0,ffff'
  return isMapped ? all.slice(6).join(':') : `${all.slice(0, groups).join(':')}::`
}
