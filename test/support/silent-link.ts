import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/**
 * A way to a relay on this computer that may fall silent: its sockets stay open, and nothing comes through them any more. What is opened later
 * works, and so do single questions: a platform opens another connection for those after a while.
 */
export class SilentLink {
  readonly url: string
  readonly #server: Server
  readonly #pairs: { isSocket: boolean; isSilent: boolean; readonly ends: readonly Socket[] }[] = []
  #port: number | undefined

  private constructor(server: Server) {
    this.#server = server
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    server.on('connection', (near) => this.#join(near))
  }

  static async start(): Promise<SilentLink> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new SilentLink(server)
  }

  /** Where it leads. */
  to(url: string): void {
    this.#port = Number(new URL(url).port)
  }

  fallSilent(): void {
    for (const pair of this.#pairs) pair.isSilent = pair.isSocket
  }

  async close(): Promise<void> {
    for (const { ends } of this.#pairs) for (const end of ends) end.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #join(near: Socket): void {
    if (this.#port === undefined) return void near.destroy()
    const far = connect(this.#port, '127.0.0.1')
    const pair = { isSocket: false, isSilent: false, ends: [near, far] }
    this.#pairs.push(pair)
    near.once('data', (bytes) => (pair.isSocket = bytes.toString('latin1').startsWith('GET /socket ')))
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('data', (bytes) => pair.isSilent || to.write(bytes))
      from.on('error', () => undefined)
      from.on('close', () => pair.isSilent || to.destroy())
    }
  }
}
