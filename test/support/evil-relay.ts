import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SqliteStorage, createRelay, type Relay, type RelayOptions, type Storage } from '@sotto/relay'
import {
  decodeClientFrame,
  decodeRelayFrame,
  decodeSigned,
  encodeClientFrame,
  encodeRelayFrame,
  encodeSigned,
  fromBase64Url,
  toBase64Url,
  type Batch,
  type PreKeyBundle,
  type RelayFrame,
  type Signed,
  type StampedEnvelope,
} from '@sotto/protocol'
import { WebSocket, WebSocketServer } from 'ws'
import { forward, json, packBundle, unpackBundle, type HttpAnswer } from './http-answers.js'
import { Site } from './signing-site.js'

/** What an evil relay does to what passes through it. Without hooks it is a relay. */
export interface Hooks {
  /** What a device is delivered instead. The first answer is acknowledged for the real one. */
  onDeliver?: (stamped: StampedEnvelope, device: string) => readonly StampedEnvelope[]
  /** What is stored instead of a device's batch; or how it is refused. */
  onSend?: (batch: Batch, device: string) => Batch | Omit<Extract<RelayFrame, { type: 'refused' }>, 'ref'>
  /** What a device is told of its batch; nothing, where nothing is answered. */
  onSent?: (answer: Answer, device: string) => Answer | undefined
  /** What the directory says of an account's lists. */
  onLists?: (account: string, lists: readonly Signed[]) => readonly Signed[]
  /** What a claim answers. */
  onClaim?: (account: string, device: string, bundle: PreKeyBundle | undefined) => PreKeyBundle | undefined
}

type Answer = Extract<RelayFrame, { type: 'sent' | 'refused' }>

/** Delivery numbers of our own making: their acknowledgements never reach the relay. */
const forgedFrom = 2 ** 40

/**
 * A relay in the hands of somebody evil: the real one, on SQLite in memory, behind a man in the middle who sees and changes every frame and
 * every answer. Clients know it by the address of the man in the middle.
 */
export class EvilRelay {
  readonly site: Site
  readonly hooks: Hooks = {}
  /** What clients did. */
  readonly log = {
    batches: [] as { readonly device: string; readonly batch: Batch }[],
    claims: [] as { readonly account: string; readonly device: string }[],
    publishes: [] as Signed[],
    acks: [] as number[],
  }
  readonly url: string
  readonly #server: Server
  readonly #storage: SqliteStorage
  readonly #options: RelayOptions
  #relay: Relay
  #inner: string
  /** For devices that are not connected. */
  readonly #injected: { readonly device: string; readonly stamped: StampedEnvelope }[] = []
  readonly #sockets = new Map<string, WebSocket>()
  readonly #all = new Set<WebSocket>()
  readonly #nonces = new Map<string, string>()
  readonly #tokens = new Map<string, string>()
  #forged = forgedFrom

  private constructor(made: {
    readonly server: Server
    readonly url: string
    readonly inner: string
    readonly relay: Relay
    readonly options: RelayOptions
    readonly storage: SqliteStorage
    readonly site: Site
  }) {
    const { server } = made
    this.#server = server
    this.url = made.url
    this.#inner = made.inner
    this.#relay = made.relay
    this.#options = made.options
    this.#storage = made.storage
    this.site = made.site
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void this.#pass(request, response).catch(() => response.destroy())
    })
    const sockets = new WebSocketServer({ server, path: '/socket' })
    sockets.on('connection', (socket) => this.#join(socket))
  }

  static async start({
    site = new Site(),
    time,
  }: { site?: Site; time?: { now(): number } } = {}): Promise<EvilRelay> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const { realm, secret } = site
    const storage = SqliteStorage.open(':memory:')
    const options: RelayOptions = {
      realm,
      origin: url,
      database: outliving(storage),
      tokens: { secret },
      ...(time === undefined ? {} : { time }),
    }
    const relay = await createRelay(options)
    const inner = await relay.listen({ host: '127.0.0.1', port: 0 })
    return new EvilRelay({ server, url, inner: inner.url, relay, options, storage, site })
  }

  /** Delivers anything to a device: now, or as the first thing when it connects. */
  inject(device: string, stamped: StampedEnvelope): void {
    const socket = this.#sockets.get(device)
    if (socket === undefined) this.#injected.push({ device, stamped })
    else socket.send(encodeRelayFrame({ type: 'deliver', delivery: this.#forged++, stamped }))
  }

  isConnected(device: string): boolean {
    return this.#sockets.has(device)
  }

  /** Everything that is stored, as text with every byte as a character. */
  async dump(): Promise<string> {
    return this.#storage.read(async (rows) => {
      const tables = await rows.all<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'")
      let text = ''
      for (const { name } of tables) {
        for (const row of await rows.all<Record<string, unknown>>(`SELECT * FROM ${name}`)) {
          for (const value of Object.values(row))
            text += value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value)
        }
      }
      return text
    })
  }

  /** The relay is stopped and started again, at the same address with what it has stored: every socket ends, every login is forgotten. */
  async restart(): Promise<void> {
    for (const socket of this.#all) socket.terminate()
    await this.#relay.close()
    this.#relay = await createRelay(this.#options)
    this.#inner = (await this.#relay.listen({ host: '127.0.0.1', port: 0 })).url
  }

  async stop(): Promise<void> {
    for (const socket of this.#all) socket.terminate()
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
    await this.#relay.close()
    await this.#storage.close()
  }

  /** HTTP, with the answers about lists and prekeys changed. */
  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const path = request.url ?? '/'
    const answered = await forward(new URL(path, this.#inner), request, body)
    const { status, body: changed } = this.#change(request.method ?? 'GET', path, body, answered)
    response.writeHead(status, { 'content-type': answered.type })
    response.end(changed)
  }

  #change(method: string, path: string, body: Buffer, answered: HttpAnswer): HttpAnswer {
    const { onLists, onClaim } = this.hooks
    const devices = /^\/devices\/([^?/]+)/.exec(path)?.[1]
    if (method === 'PUT' && path === '/devices') {
      const { list } = JSON.parse(body.toString()) as { list: string }
      this.log.publishes.push(decodeSigned(fromBase64Url(list)))
    }
    if (method === 'GET' && devices !== undefined && answered.status === 200 && onLists !== undefined) {
      const { lists } = JSON.parse(answered.body.toString()) as { lists: string[] }
      const changed = onLists(
        decodeURIComponent(devices),
        lists.map((one) => decodeSigned(fromBase64Url(one))),
      )
      return json(200, { lists: changed.map((one) => toBase64Url(encodeSigned(one))) })
    }
    this.#watchLogin(path, body, answered)
    const claim = /^\/keys\/([^/]+)\/([^/]+)\/claim$/.exec(path)
    if (method !== 'POST' || claim === null) return answered
    const [, account = '', device = ''] = claim
    this.log.claims.push({ account: decodeURIComponent(account), device })
    if (onClaim === undefined) return answered
    const changed = onClaim(
      decodeURIComponent(account),
      device,
      answered.status === 200 ? unpackBundle(answered.body) : undefined,
    )
    return changed === undefined ? json(404, { code: 'no-prekey' }) : json(200, packBundle(changed))
  }

  /** One client's socket and ours to the real relay. Frames wait until both are open. */
  #join(client: WebSocket): void {
    const inner = new WebSocket(`${this.#inner.replace(/^http/, 'ws')}/socket`)
    const early: Uint8Array[] = []
    let device = ''
    this.#all.add(client).add(inner)
    const pass = (frame: Uint8Array) =>
      inner.readyState === WebSocket.OPEN ? inner.send(frame) : early.push(frame)
    inner.on('open', () => early.splice(0).forEach((frame) => inner.send(frame)))
    inner.on('message', (data: Buffer) => {
      const frame = decodeRelayFrame(new Uint8Array(data))
      for (const one of this.#toClient(frame, device)) client.send(encodeRelayFrame(one))
    })
    client.on('message', (data: Buffer) => {
      const frame = decodeClientFrame(new Uint8Array(data))
      if (frame.type === 'hello') {
        device = this.#tokens.get(frame.token) ?? ''
        this.#sockets.set(device, client)
        return pass(data)
      }
      if (frame.type === 'ack') {
        this.log.acks.push(...frame.deliveries)
        const deliveries = frame.deliveries.filter((one) => one < forgedFrom)
        if (deliveries.length > 0) pass(encodeClientFrame({ type: 'ack', deliveries }))
        return
      }
      if (frame.type !== 'send') return pass(data)
      this.log.batches.push({ device, batch: frame.batch })
      const changed = this.hooks.onSend?.(frame.batch, device) ?? frame.batch
      if ('type' in changed) client.send(encodeRelayFrame({ ref: frame.ref, ...changed }))
      else pass(encodeClientFrame({ ...frame, batch: changed }))
    })
    client.on('close', () => {
      if (this.#sockets.get(device) === client) this.#sockets.delete(device)
      inner.close()
    })
    inner.on('close', () => client.close())
    for (const socket of [client, inner]) socket.on('error', () => socket.terminate())
  }

  #toClient(frame: RelayFrame, device: string): readonly RelayFrame[] {
    const { onDeliver, onSent } = this.hooks
    if (frame.type === 'welcome') return [frame, ...this.#takeInjected(device)]
    if (frame.type === 'sent' || frame.type === 'refused') {
      const answer = onSent === undefined ? frame : onSent(frame, device)
      return answer === undefined ? [] : [answer]
    }
    if (frame.type !== 'deliver' || onDeliver === undefined) return [frame]
    const changed = onDeliver(frame.stamped, device)
    return changed.map((stamped, i) => ({
      type: 'deliver',
      delivery: i === 0 ? frame.delivery : this.#forged++,
      stamped,
    }))
  }

  #takeInjected(device: string): readonly RelayFrame[] {
    const own = this.#injected.filter((one) => one.device === device)
    for (const one of own) this.#injected.splice(this.#injected.indexOf(one), 1)
    return own.map(({ stamped }) => ({ type: 'deliver', delivery: this.#forged++, stamped }))
  }

  /** The man in the middle has seen the login: whose token is whose. */
  #watchLogin(path: string, body: Buffer, answered: HttpAnswer): void {
    if (answered.status !== 200 || !path.startsWith('/login')) return
    const asked = JSON.parse(body.toString()) as { device?: string; nonce?: string }
    const answer = JSON.parse(answered.body.toString()) as { token?: string; nonce?: string }
    if (answer.nonce !== undefined && asked.device !== undefined) this.#nonces.set(answer.nonce, asked.device)
    if (answer.token !== undefined) this.#tokens.set(answer.token, this.#nonces.get(asked.nonce ?? '') ?? '')
  }
}

/** The storage without its end: what a relay that stops closes, a relay that starts again needs. */
function outliving(storage: SqliteStorage): Storage {
  return {
    write: (work) => storage.write(work),
    read: (work) => storage.read(work),
    close: () => Promise.resolve(),
  }
}
