/** Keeps what recovery needs, sealed, and passes linking messages. Nothing of it is readable to the backend. */
export interface Vault {
  put(name: string, bytes: Uint8Array): Promise<void>
  /** `undefined` where there is nothing under that name. */
  get(name: string): Promise<Uint8Array | undefined>
  /** Leaves one message at a rendezvous: one each way, for two minutes. */
  post(rendezvous: string, bytes: Uint8Array): Promise<void>
  receive(rendezvous: string): Promise<Uint8Array | undefined>
}
