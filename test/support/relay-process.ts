import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { until } from './until.js'

const cli = fileURLToPath(new URL('./relay-cli.ts', import.meta.url))

/** `sotto-relay` as an operator runs it: a process of its own, settings in its environment. */
export class RelayProcess {
  out = ''
  errors = ''
  readonly #child: ChildProcess
  readonly #ended: Promise<number | null>

  /** `within`: the command that becomes the relay, which it is given as its last arguments. */
  constructor(
    args: readonly string[],
    settings: Readonly<Record<string, string>>,
    within: readonly string[] = [],
  ) {
    const { PATH = '' } = process.env
    const own = [process.execPath, '--import', 'tsx', '--conditions=@sotto/source', cli, ...args]
    const [command = '', ...options] = [...within, ...own]
    this.#child = spawn(command, options, { env: { PATH, ...settings } })
    this.#child.stdout?.on('data', (data: Buffer) => (this.out += data.toString()))
    this.#child.stderr?.on('data', (data: Buffer) => (this.errors += data.toString()))
    this.#ended = once(this.#child, 'close').then(([code]) => code as number | null)
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Resolves with its address once it listens. */
  async url(): Promise<string> {
    const line = /listening on (http:\S+)\n/
    await until(() => line.test(this.out) || this.#child.exitCode !== null)
    const url = line.exec(this.out)?.[1]
    if (url === undefined) throw new Error(`it did not start: ${this.errors}`)
    return url
  }

  /** Resolves with its exit code, null after a kill. */
  async ended(): Promise<number | null> {
    return this.#ended
  }

  /** Ends it and resolves with its exit code. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.#child.kill(signal)
    return this.#ended
  }
}

/** Runs it to its end. */
export async function runRelay(
  args: readonly string[],
  settings: Readonly<Record<string, string>>,
): Promise<{ readonly code: number | null; readonly out: string; readonly errors: string }> {
  const child = new RelayProcess(args, settings)
  const code = await child.ended()
  return { code, out: child.out, errors: child.errors }
}
