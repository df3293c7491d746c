import { spawn } from 'node:child_process'
import { root } from './sources.js'

/** Takes the checks of those sources out whose path contains `pattern`, one by one. Resolves to those that no test noticed, and how many there are. */
export async function knockOut(
  pattern: string,
): Promise<{ readonly alive: readonly string[]; readonly total: number }> {
  const args = ['tools/mutate.mjs', pattern, '--at-once=1']
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  for await (const text of child.stdout.setEncoding('utf8')) said += text as string
  const total = /^\d+ of (\d+) noticed$/m.exec(said)?.[1]
  if (total === undefined) throw new Error(`the run ended early: ${said.slice(-2_000)}`)
  return { alive: said.split('\n').filter((line) => line.startsWith('ALIVE')), total: Number(total) }
}
