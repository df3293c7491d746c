// What Sotto takes of the library, by explicit names and from its inner modules, so that nothing else of it
// is bundled (no fingerprints, no key helpers: both need what the aliases take away).
export { SessionBuilder } from '@privacyresearch/libsignal-protocol-typescript/lib/session-builder.js'
export { SessionCipher } from '@privacyresearch/libsignal-protocol-typescript/lib/session-cipher.js'
export { SignalProtocolAddress } from '@privacyresearch/libsignal-protocol-typescript/lib/signal-protocol-address.js'
export { setCurve, setWebCrypto } from '@privacyresearch/libsignal-protocol-typescript/lib/internal/crypto.js'
