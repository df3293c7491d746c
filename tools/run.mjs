import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The folder of the repository. */
export const root = fileURLToPath(new URL('..', import.meta.url))

/** Runs a program in the repository and resolves to its exit code; what it prints is shown. */
export function run(command, args, options = {}) {
  const child = spawn(command, args, { cwd: root, stdio: 'inherit', ...options })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? 1))
  })
}

/** Runs a script with this Node, and throws when it fails. */
export async function runNode(args, options) {
  const code = await run(process.execPath, args, options)
  if (code !== 0) throw new Error(`${args[0]} ended with ${code}`)
}
