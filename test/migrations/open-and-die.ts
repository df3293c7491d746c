import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const dying = fileURLToPath(new URL('./dying-relay.ts', import.meta.url))

/** Opens a relay's database in a process of its own that is killed when the migration has done so many statements. Resolves with the signal. */
export async function openAndDie(path: string, statements: number): Promise<NodeJS.Signals | null> {
  const options = ['--import', 'tsx', '--conditions=@sotto/source', dying, path, String(statements)]
  const child = spawn(process.execPath, options, { stdio: ['ignore', 'ignore', 'inherit'] })
  const [, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return signal
}
