import { limits } from './limits.js'

const pattern =
  /^turns?:([A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?(?:\?transport=(?:udp|tcp))?$/

/** Whether `value` is the address of a TURN server (RFC 7065): a host, a port and a transport where they are given, and nothing else. */
export function isTurnAddress(value: unknown): value is string {
  if (typeof value !== 'string' || value.length > limits.turnUrl) return false
  const [, host, port = '3478'] = pattern.exec(value) ?? []
  return host !== undefined && Number(port) > 0 && URL.canParse(`http://${host}:${port}`)
}
