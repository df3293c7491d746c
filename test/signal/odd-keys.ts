import { ed25519 } from '@noble/curves/ed25519.js'

const field = ed25519.Point.Fp
const p = 2n ** 255n - 19n

function encode(value: bigint, topBit = 0): Uint8Array {
  const bytes = Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n))
  bytes[31] = (bytes[31] ?? 0) | topBit
  return bytes
}

/** The two u coordinates of order 8, out of the points of order 8 of the curve. */
const orderEight = [...new Set(torsionPoints().map(toMontgomery))].filter((u) => u > 1n && u < p - 1n)

/** The twelve encodings that X25519 sends to zero. */
export const lowOrderKeys: readonly Uint8Array[] = [0n, 1n, ...orderEight, p - 1n]
  .flatMap((u) => [encode(u), encode(u, 0x80)])
  .concat([encode(p), encode(p + 1n)])

/** Other spellings of keys that are fine. */
export const nonCanonicalKeys: readonly Uint8Array[] = [
  encode(9n, 0x80),
  encode(p + 9n),
  encode(p + 18n),
  encode(p + 9n, 0x80),
]

/** Another key which agrees on the same secrets: the point, plus one of order 8. */
export function addTorsion(key: Uint8Array): Uint8Array {
  const u = field.fromBytes(key)
  const y = field.div(field.sub(u, field.ONE), field.add(u, field.ONE))
  const [torsion] = torsionPoints()
  if (torsion === undefined) throw new Error('no torsion')
  return encode(toMontgomery(ed25519.Point.fromBytes(field.toBytes(y)).add(torsion)))
}

type Point = InstanceType<typeof ed25519.Point>

/** The points of order 8: what is left of points that are not in the prime-order group, times its order. */
function torsionPoints(): readonly Point[] {
  for (let y = 2n; y < 200n; y++) {
    try {
      const point = ed25519.Point.fromBytes(field.toBytes(y))
      const torsion = point.multiplyUnsafe(ed25519.Point.CURVE().n - 1n).add(point)
      if (!torsion.double().double().is0()) return [torsion, torsion.double().add(torsion)]
    } catch {
      // Not on the curve.
    }
  }
  throw new Error('no point of order 8 found')
}

function toMontgomery(point: Point): bigint {
  const { y } = point.toAffine()
  return field.div(field.add(field.ONE, y), field.sub(field.ONE, y))
}
