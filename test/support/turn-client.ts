import { createHash, createHmac, randomBytes } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'

/** Numbers of STUN and TURN (RFC 8489, 18; RFC 8656, 17 and 18). */
const methods = { allocate: 0x0003, refresh: 0x0004, createPermission: 0x0008 }
const attributes = {
  username: 0x0006,
  integrity: 0x0008,
  error: 0x0009,
  peer: 0x0012,
  realm: 0x0014,
  nonce: 0x0015,
  transport: 0x0019,
}
const cookie = Buffer.from('2112a442', 'hex')
const udp = Buffer.from([17, 0, 0, 0])

type Attribute = readonly [type: number, value: Buffer]

interface Answer {
  /** 0 for a success. */
  readonly code: number
  readonly attributes: ReadonlyMap<number, Buffer>
}

/** Speaks TURN over UDP as one client does, and tells the codes of the answers: 0 for a success. */
export class TurnClient {
  readonly #socket: Socket
  readonly #port: number
  readonly #username: Buffer
  readonly #credential: string
  #realm: Buffer = Buffer.alloc(0)
  #nonce: Buffer = Buffer.alloc(0)

  constructor(port: number, { username, credential }: { username: string; credential: string }) {
    this.#port = port
    this.#username = Buffer.from(username)
    this.#credential = credential
    this.#socket = createSocket('udp4')
  }

  /** Asks for an address of the server's, first without and then with its user name. */
  async allocate(): Promise<number> {
    const { attributes: said } = await this.#ask(methods.allocate, [[attributes.transport, udp]])
    this.#remember(said)
    return this.#askSigned(methods.allocate, [[attributes.transport, udp]])
  }

  refresh(): Promise<number> {
    return this.#askSigned(methods.refresh, [])
  }

  /** Asks to send to an IPv4 address. */
  permit(address: string): Promise<number> {
    const bytes = address.split('.').map((part, i) => Number(part) ^ (cookie[i] ?? 0))
    return this.#askSigned(methods.createPermission, [
      [attributes.peer, Buffer.from([0, 1, 0x21, 0x12, ...bytes])],
    ])
  }

  close(): void {
    this.#socket.close()
  }

  async #askSigned(method: number, own: readonly Attribute[]): Promise<number> {
    const signed = (): readonly Attribute[] => [
      ...own,
      [attributes.username, this.#username],
      [attributes.realm, this.#realm],
      [attributes.nonce, this.#nonce],
    ]
    const first = await this.#ask(method, signed(), this.#key)
    if (first.code !== 438) return first.code
    this.#remember(first.attributes)
    return (await this.#ask(method, signed(), this.#key)).code
  }

  get #key(): Buffer {
    const text = `${this.#username.toString()}:${this.#realm.toString()}:${this.#credential}`
    return createHash('md5').update(text).digest()
  }

  #remember(said: Answer['attributes']): void {
    this.#realm = said.get(attributes.realm) ?? this.#realm
    this.#nonce = said.get(attributes.nonce) ?? this.#nonce
  }

  async #ask(method: number, all: readonly Attribute[], key?: Buffer): Promise<Answer> {
    const id = randomBytes(12)
    const body = Buffer.concat(all.map(encoded))
    let message = Buffer.concat([headOf(method, body.length + (key === undefined ? 0 : 24), id), body])
    if (key !== undefined) {
      const mac = createHmac('sha1', key).update(message).digest()
      message = Buffer.concat([message, encoded([attributes.integrity, mac])])
    }
    const signal = AbortSignal.timeout(10_000)
    const answered = once(this.#socket, 'message', { signal })
    this.#socket.send(message, this.#port, '127.0.0.1')
    const [answer] = (await answered) as [Buffer]
    return decoded(answer)
  }
}

function headOf(method: number, length: number, id: Buffer): Buffer {
  const head = Buffer.alloc(4)
  head.writeUInt16BE(method, 0)
  head.writeUInt16BE(length, 2)
  return Buffer.concat([head, cookie, id])
}

function encoded([type, value]: Attribute): Buffer {
  const padded = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4)
  padded.writeUInt16BE(type, 0)
  padded.writeUInt16BE(value.length, 2)
  value.copy(padded, 4)
  return padded
}

function decoded(message: Buffer): Answer {
  const found = new Map<number, Buffer>()
  for (let at = 20; at + 4 <= message.length;) {
    const length = message.readUInt16BE(at + 2)
    found.set(message.readUInt16BE(at), message.subarray(at + 4, at + 4 + length))
    at += 4 + Math.ceil(length / 4) * 4
  }
  const error = found.get(attributes.error)
  return { code: error === undefined ? 0 : (error[2] ?? 0) * 100 + (error[3] ?? 0), attributes: found }
}
