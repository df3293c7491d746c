const ipv4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/

/** Whether a text is an address and no name. Without zones (`%eth0`), which mean nothing on another machine. */
export function isIpLiteral(text: string): boolean {
  if (ipv4.test(text)) return true
  if (!/^[0-9a-f:.]{2,45}$/i.test(text) || !text.includes(':')) return false
  try {
    // What the browser itself takes for an address of version 6.
    return new URL(`http://[${text}]/`).hostname.startsWith('[')
  } catch {
    return false
  }
}
