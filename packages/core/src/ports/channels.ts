/** What the tabs of one client tell each other: which tables changed, and who leads. What goes through it can be read by any script of the page's origin, and by nobody else. */
export interface Channels {
  open(name: string): Channel
}

export interface Channel {
  /** To all other holders of this name; never back to the sender. Values are structured clones. */
  post(message: unknown): void
  onmessage: ((message: unknown) => void) | undefined
  close(): void
}
