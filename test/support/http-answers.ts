import { request as httpRequest, type IncomingMessage } from 'node:http'
import {
  decodeSigned,
  encodeSigned,
  fromBase64Url,
  toBase64Url,
  type PreKeyBundle,
  type Signed,
} from '@sotto/protocol'

/** An answer of the relay on its way through somebody who may change it. */
export interface HttpAnswer {
  readonly status: number
  readonly body: Buffer
}

/** Asks `url` what `request` asked. */
export function forward(
  url: URL,
  request: IncomingMessage,
  body: Buffer,
): Promise<HttpAnswer & { readonly type: string }> {
  const options = { method: request.method ?? 'GET', headers: { ...request.headers, host: url.host } }
  return new Promise((resolve, reject) => {
    const asked = httpRequest(url, options, (answer) => {
      const parts: Buffer[] = []
      answer.on('data', (part: Buffer) => parts.push(part))
      answer.on('error', reject)
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 500,
          type: answer.headers['content-type'] ?? '',
          body: Buffer.concat(parts),
        }),
      )
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

export const json = (status: number, value: unknown): HttpAnswer => ({
  status,
  body: Buffer.from(JSON.stringify(value)),
})

export function unpackBundle(body: Buffer): PreKeyBundle {
  const { signedPreKey, preKey } = JSON.parse(body.toString()) as { signedPreKey: string; preKey?: string }
  const bundle = { signedPreKey: decodeSigned(fromBase64Url(signedPreKey)) }
  return preKey === undefined ? bundle : { ...bundle, preKey: decodeSigned(fromBase64Url(preKey)) }
}

export function packBundle({ signedPreKey, preKey }: PreKeyBundle) {
  const pack = (one: Signed) => toBase64Url(encodeSigned(one))
  return { signedPreKey: pack(signedPreKey), ...(preKey === undefined ? {} : { preKey: pack(preKey) }) }
}
