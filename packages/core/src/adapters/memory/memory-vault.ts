import { SottoError, check, randomBytes, toHex } from '@sotto/protocol'
import type { Blobs, Time, Vault } from '@sotto/core/ports'
import type { MemoryLink } from './memory-link.js'
import type { MemoryLogin } from './memory-login.js'

const rendezvousMs = 120_000
const rendezvousMax = 64 * 1024
const vaultMax = 64 * 1024 * 1024

interface Letter {
  readonly from: string
  readonly bytes: Uint8Array
  readonly until: number
}

/** What all vaults of a network share. */
export class MemoryDeposits {
  readonly #time: Time
  readonly #kept = new Map<string, Uint8Array>()
  readonly #letters = new Map<string, readonly Letter[]>()

  constructor(time: Time) {
    this.#time = time
  }

  put(account: string, name: string, bytes: Uint8Array): void {
    check(bytes.length <= vaultMax, 'too-large', { limit: vaultMax })
    this.#kept.set(`${account}/${name}`, new Uint8Array(bytes))
  }

  get(account: string, name: string): Uint8Array | undefined {
    return this.#kept.get(`${account}/${name}`)?.slice()
  }

  /** One letter from each of two. */
  post(rendezvous: string, from: string, bytes: Uint8Array): void {
    check(bytes.length <= rendezvousMax, 'too-large', { limit: rendezvousMax })
    const there = this.#there(rendezvous)
    check(there.length < 2 && there.every((letter) => letter.from !== from), 'forbidden')
    const until = this.#time.monotonic() + rendezvousMs
    this.#letters.set(rendezvous, [...there, { from, bytes: new Uint8Array(bytes), until }])
  }

  receive(rendezvous: string, by: string): Uint8Array | undefined {
    return this.#there(rendezvous)
      .find((letter) => letter.from !== by)
      ?.bytes.slice()
  }

  #there(rendezvous: string): readonly Letter[] {
    const now = this.#time.monotonic()
    return (this.#letters.get(rendezvous) ?? []).filter(({ until }) => until > now)
  }
}

/** One login's view. At a rendezvous each backend object is one side, because the new device is on no list yet. */
export function memoryVault(login: MemoryLogin, deposits: MemoryDeposits): Vault {
  const side = toHex(randomBytes(16))
  return {
    put: (name, bytes) => login.byDevice(({ account }) => deposits.put(account, name, bytes)),
    get: (name) => login.byToken(({ account }) => deposits.get(account, name)),
    post: (rendezvous, bytes) =>
      login.byToken(({ account }) => deposits.post(`${account}/${rendezvous}`, side, bytes)),
    receive: (rendezvous) =>
      login.byToken(({ account }) => deposits.receive(`${account}/${rendezvous}`, side)),
  }
}

/** Blobs of all accounts, under ids that nobody can guess. */
export function memoryBlobs(login: MemoryLogin, link: MemoryLink, blobs: Map<string, Uint8Array>): Blobs {
  return {
    async put(bytes, { signal }) {
      const chunks: Uint8Array[] = []
      const reader = bytes.getReader()
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        if (signal?.aborted === true) throw new SottoError('aborted')
        chunks.push(new Uint8Array(next.value))
      }
      const id = toHex(randomBytes(16))
      const whole = new Uint8Array(await new Blob(chunks as Uint8Array<ArrayBuffer>[]).arrayBuffer())
      return login.byDevice(() => {
        blobs.set(id, whole)
        return id
      })
    },
    async get(id, { offset = 0 }) {
      const blob = await link.ask(() => blobs.get(id))
      check(blob !== undefined, 'not-found')
      return new ReadableStream({
        start(controller) {
          for (let at = offset; at < blob.length; at += 65_536)
            controller.enqueue(blob.slice(at, at + 65_536))
          controller.close()
        },
      })
    },
  }
}
