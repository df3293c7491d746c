import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeClientFrame, decodeRelayFrame, encodeRelayFrame, type Batch } from '@sotto/protocol'
import { WebSocket, WebSocketServer } from 'ws'
import { forward } from './http-answers.js'
import { RelayProcess } from './relay-process.js'
import { Site } from './signing-site.js'
import type { TestContext } from './test-body.js'

/** What befalls what is on its way; nothing, unless it is set. Called for each of it. */
export interface OnTheWay {
  /** The relay's answer to a batch is lost, and the socket with it. */
  losesAnswer?: () => boolean
  /** A delivery comes twice. */
  doubles?: () => boolean
  /** A batch never reaches the relay, and its sender is told that it did. */
  swallows?: () => boolean
}

/** A real relay process behind a proxy that remembers every batch, as an operator's front server could, and changes nothing unless it is told to; `/page` is an empty page. */
export class WatchedRelay {
  readonly site = new Site()
  readonly url: string
  /** What was sent to the relay: repeats among it. */
  readonly batches: Batch[] = []
  /** Over which socket, counted as they were opened, each of them came, and of which account. */
  readonly senders: { readonly socket: number; readonly account: string }[] = []
  /** What it was asked over HTTP, as `METHOD PATH`. */
  readonly calls: string[] = []
  readonly onTheWay: OnTheWay = {}
  /** Nobody is let through. */
  isCut = false
  readonly #sockets = new Set<WebSocket>()
  #relay: RelayProcess | undefined
  #settings: Readonly<Record<string, string>> = {}
  #inner = ''
  #opened = 0

  private constructor(server: Server) {
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void this.#pass(request, response).catch(() => response.destroy())
    })
    new WebSocketServer({ server, path: '/socket' }).on('connection', (socket, { headers }) =>
      this.#join(socket, headers['user-agent'] ?? ''),
    )
  }

  static async start(test: TestContext): Promise<WatchedRelay> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const watched = new WatchedRelay(server)
    const folder = mkdtempSync(join(tmpdir(), 'sotto-watched-'))
    watched.#settings = {
      SOTTO_REALM: watched.site.realm,
      SOTTO_TOKEN_SECRET: watched.site.secret,
      SOTTO_ORIGIN: watched.url,
      SOTTO_DATABASE: join(folder, 'relay.sqlite'),
      PORT: '0',
    }
    test.after(async () => {
      server.close()
      server.closeAllConnections()
      await watched.#relay?.stop()
      rmSync(folder, { recursive: true, force: true })
    })
    await watched.#run()
    return watched
  }

  /** Accounts for which something came over a socket when something had come over a later one: two of its tabs have led at once. */
  get ledTwice(): readonly string[] {
    const last = new Map<string, number>()
    return this.senders.flatMap(({ socket, account }) => {
      const before = last.get(account) ?? 0
      last.set(account, Math.max(before, socket))
      return socket < before ? [account] : []
    })
  }

  /** The relay's process is killed where it stands (kill -9), and another one begins on its files. */
  async restart(): Promise<void> {
    await this.#relay?.stop('SIGKILL')
    await this.#run()
  }

  /** Cuts all who are connected off, and lets nobody in. */
  cut(): void {
    this.isCut = true
    for (const socket of this.#sockets) socket.terminate()
  }

  async #run(): Promise<void> {
    this.#relay = new RelayProcess([], this.#settings)
    this.#inner = await this.#relay.url()
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '/'
    if (path === '/page') {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>page</title>')
      return
    }
    this.calls.push(`${request.method ?? ''} ${path}`)
    if (this.isCut) throw new Error('it is cut off')
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { status, type, body } = await forward(new URL(path, this.#inner), request, Buffer.concat(chunks))
    response.writeHead(status, { 'content-type': type }).end(body)
  }

  /** One client's socket and ours to the relay. Frames wait until both are open. */
  #join(client: WebSocket, account: string): void {
    const socket = ++this.#opened
    if (this.isCut) return client.terminate()
    this.#sockets.add(client)
    client.on('close', () => this.#sockets.delete(client))
    const inner = new WebSocket(`${this.#inner.replace(/^http/, 'ws')}/socket`)
    const early: Buffer[] = []
    inner.on('open', () => early.splice(0).forEach((frame) => inner.send(frame)))
    inner.on('message', (data: Buffer) => {
      const { losesAnswer, doubles } = this.onTheWay
      const type = losesAnswer === undefined && doubles === undefined ? '' : decodeRelayFrame(data).type
      if (type === 'sent' && losesAnswer?.() === true) return client.terminate()
      client.send(data)
      if (type === 'deliver' && doubles?.() === true) client.send(data)
    })
    client.on('message', (data: Buffer) => {
      const frame = decodeClientFrame(new Uint8Array(data))
      if (frame.type === 'send') {
        this.batches.push(frame.batch)
        this.senders.push({ socket, account })
        if (this.onTheWay.swallows?.() === true) {
          client.send(encodeRelayFrame({ type: 'sent', ref: frame.ref, at: Date.now() }))
          return
        }
      }
      if (inner.readyState === WebSocket.OPEN) inner.send(data)
      else early.push(data)
    })
    client.on('close', () => inner.close())
    inner.on('close', () => client.close())
    for (const socket of [client, inner]) socket.on('error', () => socket.terminate())
  }
}
