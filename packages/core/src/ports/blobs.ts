export interface BlobOptions {
  readonly signal?: AbortSignal
  /** Where to go on, in bytes. */
  readonly offset?: number
}

/** Keeps encrypted blobs for attachments. */
export interface Blobs {
  put(bytes: ReadableStream<Uint8Array>, options: BlobOptions): Promise<string>
  get(id: string, options: BlobOptions): Promise<ReadableStream<Uint8Array>>
}
