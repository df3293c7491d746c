/**
 * Has the browser forget where the other end was, before it describes itself for another way; the way in use stays. Chromium (156) would at once
 * try its new addresses with the old ones of the other end, which answers there until it has heard of the other way, and settles on them: where
 * the other end is Firefox (153), nothing that is sent there arrives. What Chromium remembers goes when it is told of an address of a time that
 * has not begun, which is one with an ICE name that nobody said yet. To such an address nothing is sent, as there is no password for it (RFC 8445,
 * section 7.2.2), and this one leads nowhere (RFC 6666). Resolves with whether this browser is one that remembers: another one refuses a name that
 * it does not know, as it should (WebRTC 1.0, section 4.4.2).
 */
export async function forgetAddresses(connection: RTCPeerConnection): Promise<boolean> {
  const nowhere = `candidate:1 1 udp 1 100::1 9999 typ host ufrag ${unsaid}`
  const candidate = { candidate: nowhere, sdpMid: '0', usernameFragment: unsaid }
  return connection.addIceCandidate(candidate).then(
    () => true,
    () => false,
  )
}

/** Longer than those that a browser makes up: 4 characters in Chromium, 8 in Firefox. */
const unsaid = 'nobody-said-this'
