import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './sources.js'
import type { TestContext } from './test-body.js'

/** A port that nobody has just now. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}

const serve = [process.execPath, '--import', 'tsx', '--conditions=@sotto/source', 'examples/embed/server.ts']

interface Started {
  readonly folder: string
  readonly command: readonly string[]
  /** More of its environment. */
  readonly settings: Readonly<Record<string, string>>
}

/** What `npm start` runs after the build: site and relay as one real process, with data and ports of its own. */
export class DemoSite {
  readonly data = mkdtempSync(join(tmpdir(), 'sotto-e2e-'))
  readonly url: string
  readonly #ports: readonly [number, number]
  readonly #folder: string
  readonly #command: readonly string[]
  readonly #settings: Readonly<Record<string, string>>
  #process: ChildProcess | undefined
  /** Everything it printed. */
  printed = ''

  private constructor(ports: readonly [number, number], { folder, command, settings }: Started) {
    this.#ports = ports
    this.#folder = folder
    this.#command = command
    this.#settings = settings
    this.url = `http://localhost:${ports[0]}`
  }

  /** What `npm start` runs after the build, in this checkout, unless said otherwise. */
  static async start(
    test: TestContext,
    { folder = root, command = serve, settings = {} }: Partial<Started> = {},
  ): Promise<DemoSite> {
    const site = new DemoSite([await freePort(), await freePort()], { folder, command, settings })
    await site.run()
    test.after(async () => {
      await site.stop('SIGKILL')
      rmSync(site.data, { recursive: true, force: true })
    })
    return site
  }

  async run(): Promise<void> {
    const [sitePort, relayPort] = this.#ports
    const [program = '', ...args] = this.#command
    const env = {
      ...process.env,
      ...this.#settings,
      SITE_PORT: String(sitePort),
      RELAY_PORT: String(relayPort),
      DATA_DIR: this.data,
    }
    const child = spawn(program, args, {
      cwd: this.#folder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    this.#process = child
    await new Promise<void>((resolve, reject) => {
      const hear = (bytes: Buffer) => {
        this.printed += bytes.toString()
        if (this.printed.includes('Sotto is running')) resolve()
      }
      child.stdout.on('data', hear)
      child.stderr.on('data', hear)
      child.once('exit', (code) => reject(new Error(`the site ended with ${String(code)}: ${this.printed}`)))
    })
    this.printed = this.printed.replace('Sotto is running', 'ran')
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (child === undefined || child.exitCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    // With what it started: npm passes no signal on.
    if (child.pid !== undefined) process.kill(-child.pid, signal)
    await ended
  }

  /** All files of its data folder, each byte as a character. */
  files(): string {
    return readFolder(this.data)
  }
}

/** All files below a folder as one text, each byte as a character. */
export function readFolder(folder: string): string {
  let text = ''
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) text += readFolder(path)
    else if (entry.isFile() && statSync(path).size < 200_000_000) text += readFileSync(path, 'latin1')
  }
  return text
}
