import { spawn, type ChildProcess } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram } from '../../tools/programs.mjs'
import type { TestContext } from './test-body.js'
import { until } from './until.js'

/** Ports for relayed media: below those that systems give out by themselves. */
const [lowest, highest, width] = [20_000, 30_000, 50]

/** STUN's smallest question (RFC 8489, section 5): who am I? */
const bindingRequest = Buffer.concat([Buffer.from('000100002112a442', 'hex'), Buffer.alloc(12, 1)])

/** A coturn of one test's own, on loopback. It reads and writes nothing of the machine's own coturn. */
export class Coturn {
  readonly port: number
  said = ''
  readonly #spawn: () => ChildProcess
  #child: ChildProcess | undefined

  private constructor(port: number, start: () => ChildProcess) {
    this.port = port
    this.#spawn = start
  }

  /**
   * Starts one that ends with the test; undefined, and the test skipped, where there is none. With the text of a configuration it allows the peers
   * that this says, else those on loopback.
   */
  static async start(test: TestContext, secret: string, configuration?: string): Promise<Coturn | undefined> {
    const path = findProgram('turnserver')
    if (path === undefined) {
      test.skip('there is no coturn here')
      return undefined
    }
    const folder = await mkdtemp(join(tmpdir(), 'sotto-coturn-'))
    test.after(() => rm(folder, { recursive: true, force: true }))
    const port = await freePort()
    const first = lowest + Math.floor(Math.random() * (highest - lowest - width))
    const ports = [`--listening-port=${port}`, `--min-port=${first}`, `--max-port=${first + width}`]
    const own = ['--listening-ip=127.0.0.1', '--relay-ip=127.0.0.1', '--no-tls', '--no-dtls', '--no-cli']
    const logs = [`--pidfile=${folder}/pid`, `--userdb=${folder}/db`, '--log-file=stdout', '--simple-log']
    const access = ['--use-auth-secret', `--static-auth-secret=${secret}`, '--realm=example.com']
    const file = join(folder, 'turnserver.conf')
    if (configuration !== undefined) await writeFile(file, configuration)
    const rest =
      configuration === undefined ? ['-n', '--no-multicast-peers', '--allow-loopback-peers'] : ['-c', file]
    const args = [...rest, ...own, ...ports, ...logs, ...access]
    const coturn = new Coturn(port, () => spawn(path, args, { cwd: folder, env: {} }))
    test.after(() => coturn.kill())
    await coturn.run()
    return coturn
  }

  /** Its address, over UDP. */
  get url(): string {
    return `turn:127.0.0.1:${this.port}?transport=udp`
  }

  /** Starts it, again too: on the same port, knowing nothing of what it passed on before. */
  async run(): Promise<void> {
    const child = this.#spawn()
    this.#child = child
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (data: Buffer) => (this.said += data.toString()))
    await this.#listening(child)
  }

  /** Ends it as a machine that loses its power does. */
  async kill(): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'close')
    child.kill('SIGKILL')
    await ended
  }

  /** Its log says so in other words with each version: it is asked. */
  async #listening(child: ChildProcess): Promise<void> {
    const socket = createSocket('udp4')
    let answered = false
    socket.on('message', () => (answered = true))
    socket.on('error', () => undefined)
    try {
      await until(() => {
        socket.send(bindingRequest, this.port, '127.0.0.1')
        return answered || child.exitCode !== null
      })
    } finally {
      socket.close()
    }
    if (!answered) throw new Error(`coturn did not start: ${this.said}`)
  }
}

/** A port that nobody has, neither of TCP nor of UDP. */
async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const socket = createSocket('udp4')
    const isFree = await new Promise<boolean>((resolve) => {
      socket.once('error', () => resolve(false))
      socket.bind(port, '127.0.0.1', () => resolve(true))
    })
    socket.close()
    server.close()
    if (isFree) return port
  }
}
