/** What the bench uses of it. It is installed by `npm run bench` alone, and types are checked without. */
declare module '@matrix-org/matrix-sdk-crypto-wasm' {
  export function initAsync(url?: string): Promise<void>

  export class UserId {
    free(): void
    constructor(id: string)
  }
  export class DeviceId {
    free(): void
    constructor(id: string)
  }
  export class DeviceLists {
    free(): void
    constructor()
  }
  export class StoreHandle {
    free(): void
    private constructor()
    static openWithKey(name: string, key: Uint8Array): Promise<StoreHandle>
  }
  export class CollectStrategy {
    free(): void
    private constructor()
    static allDevices(): CollectStrategy
  }
  export const RequestType: {
    readonly KeysUpload: number
    readonly KeysQuery: number
    readonly KeysClaim: number
  }
  export interface Request {
    readonly id: string
    readonly type: number
    readonly body: string
  }
  export interface Device {
    encryptToDeviceEvent(type: string, content: object, share: CollectStrategy): Promise<string>
  }
  export class OlmMachine {
    private constructor()
    static initialize(user: UserId, device: DeviceId): Promise<OlmMachine>
    static initFromStore(user: UserId, device: DeviceId, store: StoreHandle): Promise<OlmMachine>
    outgoingRequests(): Promise<readonly Request[]>
    markRequestAsSent(id: string, type: number, response: string): Promise<true>
    updateTrackedUsers(users: readonly UserId[]): Promise<void>
    getMissingSessions(users: readonly UserId[]): Promise<Request | null>
    getDevice(user: UserId, device: DeviceId): Promise<Device | undefined>
    receiveSyncChanges(
      events: string,
      changed: DeviceLists,
      oneTimeKeys: Map<string, number>,
    ): Promise<readonly { readonly rawEvent: string; readonly type: number }[]>
    close(): void
  }
  export const ProcessedToDeviceEventType: { readonly Decrypted: number }
}
