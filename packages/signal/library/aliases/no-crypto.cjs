// Instead of the cryptography that the library brings along, which makes keys of weak randomness. It is
// loaded where there is no `globalThis.crypto`, so loading must be fine, and every use throws.
const refuse = () => {
  throw new Error('there is no cryptography without WebCrypto')
}

module.exports = new Proxy(Object.freeze({}), { get: refuse, set: refuse, has: refuse, ownKeys: refuse })
