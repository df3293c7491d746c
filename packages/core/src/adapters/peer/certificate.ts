const lookEveryMs = 10
const looks = 300

/**
 * Whether the certificate at the other end of a connection is the one that its description committed to. The browser has checked that already;
 * we look again, because this is what nobody may get between. Without one within three seconds it is not. `undefined`: this browser does
 * not say (Firefox).
 */
export async function isCommitted(
  connection: RTCPeerConnection,
  fingerprint: string,
): Promise<boolean | undefined> {
  const transport = connection.sctp?.transport ?? connection.getSenders()[0]?.transport
  if (typeof transport?.getRemoteCertificates !== 'function') return undefined
  const certificate = await certificateOf(transport)
  const [algorithm, hash] = fingerprint.split(' ')
  if (certificate === undefined || algorithm === undefined) return false
  const digest = new Uint8Array(await crypto.subtle.digest(algorithm.toUpperCase(), certificate))
  return hash === [...digest].map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(':')
}

/** It may be known a moment after the connection is. */
async function certificateOf(transport: RTCDtlsTransport): Promise<ArrayBuffer | undefined> {
  for (let look = 0; look < looks; look++) {
    const [certificate] = transport.getRemoteCertificates()
    if (certificate !== undefined) return certificate
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
  }
  return undefined
}
