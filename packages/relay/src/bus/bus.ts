/** What happened to a device, for whichever node holds its socket. */
export type BusEvent =
  /** Mail was committed. `frame` is the encoded delivery, `id` its place in the mailbox. */
  | { readonly kind: 'mail'; readonly id: number; readonly frame: Uint8Array }
  /** 1 its account's list, 2 its prekeys. */
  | { readonly kind: 'wake'; readonly what: number }
  /** Its socket has to end, unless it is the connection `but`. */
  | { readonly kind: 'end'; readonly code: 'replaced' | 'device-removed'; readonly but?: string }

/** Carries events between the nodes of a relay. At most once: what is lost is found in the mailbox. */
export interface Bus {
  publish(device: string, event: BusEvent): void
  subscribe(device: string, listener: (event: BusEvent) => void): () => void
  close(): Promise<void>
}
