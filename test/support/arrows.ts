import { posix } from 'node:path'

/**
 * Says what is wrong with an import of `to` in the file `path`, or nothing: the house of docs/architecture.md. What is not `./`, `@sotto/` or
 * `#` is somebody else's, and which of those a package may use its package.json says (test/dependencies.test.ts).
 */
export function objectionTo(path: string, to: string): string | undefined {
  const [, packageName = '', inside = ''] = /^packages\/([^/]+)\/src\/(.*)$/.exec(path) ?? []
  const room = roomOf(packageName, inside)
  if (to.startsWith('.'))
    return relativeObjection(path, packageName, room, posix.join(posix.dirname(path), to))
  if (to === '#library' && packageName === 'signal') return undefined
  if (!/^(@sotto\/|sotto($|\/)|#)/.test(to)) return undefined
  if (mayImport(packageName, room, to)) return undefined
  return `${path} must not import ${to}`
}

/** `adapters/relay`, `ports`, or `domain` for all else in core; the other packages are one room each. */
function roomOf(packageName: string, inside: string): string {
  if (packageName !== 'core') return packageName
  return (
    /^(adapters\/[^/]+|ports)\//.exec(inside)?.[1] ?? (inside.startsWith('testing') ? 'testing' : 'domain')
  )
}

function mayImport(packageName: string, room: string, to: string): boolean {
  if (packageName === 'sotto') return /^@sotto\/(protocol|core(\/\w+)?|signal|elements)$/.test(to)
  if (packageName === 'protocol') return false
  if (to === '@sotto/protocol') return true
  if (packageName === 'signal' || room.startsWith('adapters/')) return to === '@sotto/core/ports'
  return packageName === 'elements' && to === '@sotto/core'
}

/** Inside a package: adapters stay in their folder, ports among themselves, and no other room of core enters an adapter. */
function relativeObjection(
  path: string,
  packageName: string,
  room: string,
  target: string,
): string | undefined {
  const src = `packages/${packageName}/src/`
  if (!target.startsWith(src)) return `${path} must not leave its package for ${target}`
  if (packageName !== 'core') return undefined
  const there = roomOf('core', target.slice(src.length))
  const free = room === 'domain' ? ['domain', 'ports'] : room === 'testing' ? ['testing', 'ports'] : []
  return there === room || free.includes(there)
    ? undefined
    : `${path} (${room}) must not import ${target} (${there})`
}
