import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const dying = fileURLToPath(new URL('./dying-relay.ts', import.meta.url))

/** Opens a relay's database in a process of its own that is killed before that statement of its migrations, from 0. Resolves with null where there are not so many. */
export async function openAndDie(path: string, statement: number): Promise<NodeJS.Signals | null> {
  const options = ['--import', 'tsx', '--conditions=@sotto/source', dying, path, String(statement)]
  const child = spawn(process.execPath, options, { stdio: ['ignore', 'ignore', 'inherit'] })
  const [, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return signal
}
