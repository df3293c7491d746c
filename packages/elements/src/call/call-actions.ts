import type { Call, CallOptions, Client } from '@sotto/core'
import type { MediaSources } from './media-types.js'
import { SottoError } from '@sotto/protocol'
import type { Localizer } from '../locales/localizer.js'
import type { DialogController } from '../pieces/dialog-controller.js'
import { question } from '../pieces/question.js'

export interface CallActions {
  readonly answer: (video: boolean) => void
  readonly decline: () => void
  readonly hangUp: () => void
  readonly turn: (sources: Partial<MediaSources>) => void
  readonly askVideo: () => void
  readonly agreeVideo: () => void
  readonly refuseVideo: () => void
}

interface Acting {
  readonly call: Call
  /** Calls that the person has said yes to: they may press twice. */
  readonly answered: WeakSet<Call>
  readonly words: Localizer
  readonly name: string
  readonly dialog: DialogController
  readonly failed: (error: unknown) => void
}

/** What the person can do with a call. What fails is told once, in one place. */
export function callActions({ call, answered, words, name, dialog, failed }: Acting): CallActions {
  const tell = (doing: Promise<void>) => void doing.catch(failed)
  return {
    answer(video) {
      if (answered.has(call)) return
      const answer = (direct: boolean) => {
        answered.add(call)
        return call
          .answer({ ...(video ? { video } : {}), ...(direct ? { direct } : {}) })
          .catch((error: unknown) => {
            answered.delete(call)
            throw error
          })
      }
      tell(
        answer(false).catch((error: unknown) => {
          if (!SottoError.is(error, 'call-direct')) throw error
          askDirect({ words, name, dialog, yes: words.say('answerAnyway'), run: () => tell(answer(true)) })
        }),
      )
    },
    decline: () => tell(call.decline()),
    hangUp: () => tell(call.hangUp()),
    turn: (sources) => tell(call.set(sources)),
    askVideo: () => tell(call.askVideo()),
    agreeVideo: () => tell(call.agreeVideo()),
    refuseVideo: () => tell(call.refuseVideo()),
  }
}

interface Placing extends Omit<Acting, 'call' | 'answered'> {
  readonly client: Client
  readonly account: string
  readonly video: boolean
}

/** Calls somebody; asks first where they would learn this device's network address. Resolves when it rings, or when that was asked. */
export async function placeCall({
  client,
  account,
  video,
  words,
  name,
  dialog,
  failed,
}: Placing): Promise<void> {
  const options: CallOptions = video ? { video } : {}
  try {
    await client.placeCall(account, options)
  } catch (error) {
    if (!SottoError.is(error, 'call-direct')) return failed(error)
    const run = () => void client.placeCall(account, { ...options, direct: true }).catch(failed)
    askDirect({ words, name, dialog, yes: words.say('callAnyway'), run })
  }
}

interface DirectQuestion {
  readonly words: Localizer
  readonly name: string
  readonly dialog: DialogController
  readonly yes: string
  readonly run: () => void
}

function askDirect({ words, name, dialog, yes, run }: DirectQuestion): void {
  const title = words.say('directTitle', name)
  const text = words.say('directText', name)
  const { close } = dialog
  dialog.open({
    label: title,
    body: () => question({ title, text, yes, no: words.say('cancel'), run, close, harmless: true }),
  })
}
