import { check } from '@sotto/protocol'
import type { OwnKey } from '@sotto/core/ports'
import { createLibrary, type Library, type LibraryAddress, type LibraryKeyPair } from '#library'
import { Curve } from './curve.js'
import { Handles } from './handles.js'
import { createLibraryCrypto } from './library-crypto.js'
import type { ScratchStore } from './scratch-store.js'
import { chooseX25519, type X25519 } from './x25519.js'

/** A library of one's own with our curve and cryptography in it. Two engines share nothing. */
export class Engine {
  readonly library: Library
  readonly curve: Curve
  readonly x25519: X25519
  readonly handles = new Handles()
  #calls = 0

  constructor(x25519: X25519) {
    this.x25519 = x25519
    this.curve = new Curve(x25519, this.handles)
    this.library = createLibrary()
    this.library.setCurve(this.curve)
    this.library.setWebCrypto(createLibraryCrypto())
  }

  /** Throws `no-crypto` where there is no WebCrypto, as on a page without a secure context. */
  static async start(): Promise<Engine> {
    check(globalThis.crypto?.subtle !== undefined && globalThis.isSecureContext !== false, 'no-crypto')
    return new Engine(await chooseX25519())
  }

  show(key: OwnKey): Promise<LibraryKeyPair> {
    return this.handles.show(key, this.x25519)
  }

  cipher(store: ScratchStore): InstanceType<Library['SessionCipher']> {
    return new this.library.SessionCipher(store, this.scratchAddress())
  }

  /**
   * An address that no other call has: whose session it is was settled before, by keys. No dots, which the
   * library would cut it at.
   */
  scratchAddress(): LibraryAddress {
    return new this.library.SignalProtocolAddress(`scratch-${this.#calls++}`, 1)
  }
}
