import { defineElements } from '@sotto/elements'
import { scenes } from './gallery-scenes.js'

/** Shows one scene, named in the address: `?scene=chat&dark&lang=de&dir=rtl`. */
defineElements()
Object.assign(globalThis, { scenes: Object.keys(scenes) })
const query = new URLSearchParams(location.search)
const { documentElement: root } = document
root.toggleAttribute('data-dark', query.has('dark'))
root.lang = query.get('lang') ?? 'en'
root.dir = query.get('dir') ?? 'ltr'
const scene = scenes[query.get('scene') ?? 'chat']
if (scene === undefined) throw new Error('there is no such scene')
const { element, act, still = 100 } = scene()
document.body.append(element)
await frames(3)
act?.()
await frames(3)
// Some words come only after a while, so that they do not flash.
await new Promise((resolve) => setTimeout(resolve, still))
root.dataset['ready'] = ''

async function frames(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => requestAnimationFrame(resolve))
}
