import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { TestContext } from './test-body.js'

/**
 * A way to a UDP server on loopback, as a router is: what comes from one address is passed on from one of its own, and back. It can lose all the
 * addresses that it knows, as when a phone leaves its network: nothing goes either way for them any more, and new ones are let through.
 */
export class UdpWay {
  readonly #server: number
  readonly #front = createSocket('udp4')
  readonly #flows = new Map<string, Socket>()
  readonly #lost = new Set<string>()

  private constructor(server: number) {
    this.#server = server
  }

  static async open(test: TestContext, server: number): Promise<UdpWay> {
    const way = new UdpWay(server)
    way.#front.on('message', (bytes, from) => way.#pass(bytes, from))
    way.#front.bind(0, '127.0.0.1')
    await once(way.#front, 'listening')
    test.after(() => {
      way.lose()
      way.#front.close()
    })
    return way
  }

  get port(): number {
    return this.#front.address().port
  }

  /** Of how many addresses it passes on what comes. */
  get flows(): number {
    return this.#flows.size
  }

  lose(): void {
    for (const [name, socket] of this.#flows) {
      this.#lost.add(name)
      socket.close()
    }
    this.#flows.clear()
  }

  #pass(bytes: Buffer, { address, port }: { readonly address: string; readonly port: number }): void {
    const name = `${address} ${port}`
    if (this.#lost.has(name)) return
    let flow = this.#flows.get(name)
    if (flow === undefined) {
      flow = createSocket('udp4')
      flow.on('message', (answer) => this.#front.send(answer, port, address))
      // A server that is away refuses: to whoever sends it is silence.
      flow.on('error', () => undefined)
      this.#flows.set(name, flow)
    }
    flow.send(bytes, this.#server, '127.0.0.1')
  }
}
