import { defineElements } from '@sotto/elements'
import { listening } from './fake-client.js'
import { scenes } from './gallery-scenes.js'

/** Puts a scene on the page and waits until it stands still. */
async function showScene(name: string): Promise<{ remove(): void }> {
  const scene = scenes[name]
  if (scene === undefined) throw new Error('there is no such scene')
  const { element, act, still = 100 } = scene()
  document.body.append(element)
  await frames(3)
  act?.()
  await frames(3)
  await new Promise((resolve) => setTimeout(resolve, still))
  return element
}

async function frames(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => requestAnimationFrame(resolve))
}

// A scene is named in the address: `?scene=chat&dark&lang=de&dir=rtl`.
defineElements()
Object.assign(globalThis, { scenes: Object.keys(scenes), showScene, listening })
const query = new URLSearchParams(location.search)
const { documentElement: root } = document
root.toggleAttribute('data-dark', query.has('dark'))
root.lang = query.get('lang') ?? 'en'
root.dir = query.get('dir') ?? 'ltr'
void showScene(query.get('scene') ?? 'chat').then(() => (root.dataset['ready'] = ''))
