// Instead of the library's C curve, which copies messages onto a small stack and accepts low-order points.
// Ours is set before the first use.
const refuse = () => {
  throw new Error('no curve is set')
}

export class AsyncCurve25519Wrapper {
  keyPair() {
    return refuse()
  }

  sharedSecret() {
    return refuse()
  }

  sign() {
    return refuse()
  }

  verify() {
    return refuse()
  }
}

export class Curve25519Wrapper extends AsyncCurve25519Wrapper {
  static create() {
    return refuse()
  }
}
