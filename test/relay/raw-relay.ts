import { createRelay, type Relay, type RelayOptions } from '@sotto/relay'
import { Site } from '../support/signing-site.js'
import { RawDevice } from './raw-device.js'

export interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
  readonly text: string
}

/** A relay on loopback sockets under a clock that is turned by hand, and nothing of ours between it and the test. */
export class RawRelay {
  readonly site: Site
  readonly url: string
  now: number
  readonly #relay: Relay
  readonly #devices: RawDevice[] = []

  private constructor(site: Site, relay: Relay, url: string, now: number) {
    this.site = site
    this.#relay = relay
    this.url = url
    this.now = now
  }

  static async start(options: Partial<RelayOptions> = {}): Promise<RawRelay> {
    const site = new Site()
    const begin = Date.now()
    const made: RawRelay[] = []
    const clock = { now: () => made[0]?.now ?? begin }
    const { realm, secret } = site
    const relay = await createRelay({
      realm,
      database: ':memory:',
      tokens: { secret },
      time: clock,
      ...options,
    })
    const { url } = await relay.listen({ host: '127.0.0.1', port: 0 })
    const raw = new RawRelay(site, relay, url, begin)
    made.push(raw)
    return raw
  }

  /** A site's token, signed at the time of the hand-turned clock. */
  siteToken(account: string, claims: Parameters<Site['token']>[1] = {}): Promise<string> {
    return this.site.token(account, { now: this.now, ...claims })
  }

  /** A device with a first list, its prekeys published, logged in. */
  async device(account: string, preKeys = 2): Promise<RawDevice> {
    const device = this.stranger(account)
    await device.publishFirst(preKeys)
    await device.login()
    return device
  }

  /** A device of which the relay knows nothing. */
  stranger(account: string): RawDevice {
    return this.adopt(new RawDevice(this, account))
  }

  /** Its sockets end with the relay. */
  adopt(device: RawDevice): RawDevice {
    this.#devices.push(device)
    return device
  }

  async call(
    method: string,
    path: string,
    { token, body, headers = {} }: { token?: string; body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true
    return { status: response.status, body: isJson ? (JSON.parse(text) as Answer['body']) : {}, text }
  }

  async stop(): Promise<void> {
    for (const device of this.#devices) device.hangUp()
    await this.#relay.close()
  }
}

/** Runs a test over a relay and takes it down after it. */
export async function withRelay(
  work: (relay: RawRelay) => Promise<void>,
  options: Partial<RelayOptions> = {},
): Promise<void> {
  const relay = await RawRelay.start(options)
  try {
    await work(relay)
  } finally {
    await relay.stop()
  }
}
