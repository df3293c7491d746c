import type { TestContext } from './test-body.js'

const kinds = { m: 'audioinput', c: 'videoinput', s: 'audiooutput' } as const

/** What a browser lists, each as the letter of its kind and a name: `m Headset`. */
export function listDevices(names: readonly string[]): () => void {
  const before = navigator.mediaDevices.enumerateDevices
  const devices = names.map((name) => ({
    kind: kinds[name.charAt(0) as keyof typeof kinds],
    deviceId: name,
    groupId: '',
    label: name.slice(2),
  }))
  navigator.mediaDevices.enumerateDevices = async () => devices as unknown as MediaDeviceInfo[]
  return () => {
    navigator.mediaDevices.enumerateDevices = before
  }
}

export function withDevices(context: TestContext, ...names: readonly string[]): void {
  context.after(listDevices(names))
}
