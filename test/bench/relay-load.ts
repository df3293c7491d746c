import { randomBytes } from 'node:crypto'
import { encodeClientFrame, fromHex } from '@sotto/protocol'
import { relayBackend } from '@sotto/core/relay'
import { WebSocket } from 'ws'
import { newEnvelopeId } from '../../packages/core/src/messages/envelope-id.js'
import { CaseDevice } from '../../packages/core/src/testing/case-device.js'
import type { Site } from '../support/signing-site.js'
import { logIn } from './relay-login.js'

/** Bytes of an envelope's body: a short text in its smallest bucket, and what the ratchet adds. */
const bodyBytes = 640
const firstRef = 0x1_0000

/** One client of a load: how it sends its next message, and what an answer of the server means to it. */
interface Sender {
  readonly socket: WebSocket
  next(): Uint8Array
  /** Whether a frame says that the message before is done. */
  isAnswer(frame: Uint8Array): boolean
}

/** Every client sends its next message when the one before is answered. Resolves with messages a second. */
export async function rateOf(senders: readonly Sender[], each: number): Promise<number> {
  const start = process.hrtime.bigint()
  await Promise.all(
    senders.map(
      (sender) =>
        new Promise<void>((resolve, reject) => {
          let left = each
          const hear = (data: Buffer) => {
            try {
              if (!sender.isAnswer(data)) return
            } catch (error) {
              return reject(new Error('no answer', { cause: error }))
            }
            if (--left > 0) return sender.socket.send(sender.next())
            sender.socket.off('message', hear)
            resolve()
          }
          sender.socket.on('message', hear)
          sender.socket.once('close', () => reject(new Error('a socket closed')))
          sender.socket.send(sender.next())
        }),
    ),
  )
  return (senders.length * each) / (Number(process.hrtime.bigint() - start) / 1e9)
}

const addressOf = (i: number): string => `10.0.${i >> 8}.${i & 255}`

async function opened(url: string, from: string): Promise<WebSocket> {
  const headers = { 'x-forwarded-for': from }
  const socket = new WebSocket(url.replace(/^http/, 'ws'), { perMessageDeflate: false, headers })
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  return socket
}

/** Clients of the echo server, who send the very messages of `like`. */
export async function echoSenders(url: string, like: readonly Sender[]): Promise<readonly Sender[]> {
  const sockets = await Promise.all(like.map((_, i) => opened(url, addressOf(i))))
  return sockets.map((socket, i) => {
    const next = like[i]?.next ?? (() => new Uint8Array())
    return { socket, next, isAnswer: () => true }
  })
}

/** So many devices, each of an account of its own, which the relay knows. */
export async function makeDevices(url: string, site: Site, count: number): Promise<readonly CaseDevice[]> {
  const place = {
    realm: site.realm,
    backend: () => relayBackend({ url }),
    token: (account: string) => site.token(account),
    dispose: () => Promise.resolve(),
  }
  const devices: CaseDevice[] = []
  while (devices.length < count) {
    const device = await CaseDevice.create(place)
    await device.directory.publish(device.chain.head)
    devices.push(device)
  }
  return devices
}

/** Connects devices. They acknowledge what they get from now on. */
export async function connect(
  url: string,
  site: Site,
  devices: readonly CaseDevice[],
): Promise<readonly WebSocket[]> {
  const sockets: WebSocket[] = []
  for (const device of devices) {
    const address = addressOf(sockets.length)
    const token = await logIn(url, await site.token(device.account), device, address)
    const socket = await opened(`${url}/socket`, address)
    const welcomed = new Promise<Buffer>((resolve) => socket.once('message', resolve))
    socket.send(encodeClientFrame({ type: 'hello', token }))
    if ((await welcomed)[1] !== 1) throw new Error('no welcome')
    socket.on('message', (frame: Buffer) => {
      if (frame[1] === 4) socket.send(ackOf(frame))
    })
    sockets.push(socket)
  }
  return sockets
}

/** `from` writes to `to`, one message after the other. */
export function relaySender(socket: WebSocket, from: CaseDevice, to: CaseDevice): Sender {
  const batch = from.batchTo([to], randomBytes(bodyBytes))
  const frame = Buffer.from(encodeClientFrame({ type: 'send', ref: firstRef, batch }))
  const idAt = frame.indexOf(fromHex(batch.envelopes[0]?.id ?? ''))
  const refAt = frame.indexOf(Buffer.from([0x1a, 0, 1, 0, 0])) + 1
  let ref = firstRef
  return {
    socket,
    next() {
      const message = Buffer.from(frame)
      message.writeUInt32BE(ref++, refAt)
      message.write(newEnvelopeId(Date.now()), idAt, 'hex')
      return message
    },
    isAnswer(answer) {
      const tag = answer[1]
      if (tag === 3 || tag === 7) throw new Error(`refused: ${Buffer.from(answer).toString('latin1')}`)
      return tag === 2
    },
  }
}

/** `deliver` is [4, { 1: number, … }], `ack` is [3, { 1: [number] }]: the number is copied as it is encoded. */
function ackOf(deliver: Uint8Array): Uint8Array {
  const info = (deliver[4] ?? 0) & 31
  const size = info < 24 ? 1 : 1 + (1 << (info - 24))
  return Buffer.concat([Buffer.from([0x82, 3, 0xa1, 1, 0x81]), deliver.subarray(4, 4 + size)])
}
