import {
  CollectStrategy,
  DeviceId,
  DeviceLists,
  OlmMachine,
  RequestType,
  UserId,
  type Request,
} from '@matrix-org/matrix-sdk-crypto-wasm'

/** What a device publishes, as a homeserver has it. */
export interface PublishedKeys {
  readonly user: string
  readonly device: string
  readonly deviceKeys: unknown
  readonly oneTimeKeys: Readonly<Record<string, unknown>>
}

const kept = 50

/** Publishes the machine's keys: a homeserver that takes everything. */
export async function publish(machine: OlmMachine, user: string, device: string): Promise<PublishedKeys> {
  const { id, type, body } = await requestOf(machine, RequestType.KeysUpload)
  await machine.markRequestAsSent(id, type, answer({ one_time_key_counts: { signed_curve25519: kept } }))
  const { device_keys: deviceKeys, one_time_keys: oneTimeKeys } = JSON.parse(body) as {
    readonly device_keys: unknown
    readonly one_time_keys: Readonly<Record<string, unknown>>
  }
  return { user, device, deviceKeys, oneTimeKeys }
}

/** Lets the machine know the devices of others. */
export async function learn(machine: OlmMachine, others: readonly PublishedKeys[]): Promise<void> {
  await machine.updateTrackedUsers(others.map(({ user }) => new UserId(user)))
  const { id, type } = await requestOf(machine, RequestType.KeysQuery)
  const devices = others.map(({ user, device, deviceKeys }) => [user, { [device]: deviceKeys }])
  const known = Object.fromEntries(devices) as object
  await machine.markRequestAsSent(id, type, answer({ device_keys: known, failures: {} }))
}

/** Writes to one other device, in a session that starts with one of its one-time keys. */
export class MatrixWriter {
  readonly #machine: OlmMachine
  readonly #user: string
  readonly #to: PublishedKeys

  private constructor(machine: OlmMachine, user: string, to: PublishedKeys) {
    this.#machine = machine
    this.#user = user
    this.#to = to
  }

  /** `nth`: which of the one-time keys. Resolves with what the writer itself publishes, too. */
  static async start(
    user: string,
    to: PublishedKeys,
    nth: number,
  ): Promise<{ readonly writer: MatrixWriter; readonly keys: PublishedKeys }> {
    const machine = await OlmMachine.initialize(new UserId(user), new DeviceId('WRITER'))
    const keys = await publish(machine, user, 'WRITER')
    await learn(machine, [to])
    const claim = await machine.getMissingSessions([new UserId(to.user)])
    const [id, key] = Object.entries(to.oneTimeKeys)[nth] ?? []
    if (claim === null || id === undefined) throw new Error('nothing to claim')
    const claimed = { [to.user]: { [to.device]: { [id]: key } } }
    await machine.markRequestAsSent(claim.id, claim.type, answer({ one_time_keys: claimed, failures: {} }))
    return { writer: new MatrixWriter(machine, user, to), keys }
  }

  /** Takes an answer of the other device. */
  async hear(event: object): Promise<void> {
    const none = new Map([['signed_curve25519', kept]])
    await this.#machine.receiveSyncChanges(answer([event]), new DeviceLists(), none)
  }

  /** One to-device event, as a sync would hold it. */
  async write(text: string): Promise<object> {
    const { user, device } = this.#to
    const other = await this.#machine.getDevice(new UserId(user), new DeviceId(device))
    if (other === undefined) throw new Error('no such device')
    const content = { msgtype: 'm.text', body: text }
    const sealed = await other.encryptToDeviceEvent('org.example.text', content, CollectStrategy.allDevices())
    return { type: 'm.room.encrypted', sender: this.#user, content: JSON.parse(sealed) as unknown }
  }
}

async function requestOf(machine: OlmMachine, type: number): Promise<Request> {
  const found = (await machine.outgoingRequests()).find((one) => one.type === type)
  if (found === undefined) throw new Error('nothing to ask')
  return found
}

const answer = (body: object): string => JSON.stringify(body)
