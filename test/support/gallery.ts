import { defineElements } from '@sotto/elements'
import { scenes } from './gallery-scenes.js'

/** Shows one scene, named in the address: `?scene=chat&dark&lang=de&dir=rtl`. */
defineElements()
const query = new URLSearchParams(location.search)
const { documentElement: root } = document
root.toggleAttribute('data-dark', query.has('dark'))
root.lang = query.get('lang') ?? 'en'
root.dir = query.get('dir') ?? 'ltr'
const scene = scenes[query.get('scene') ?? 'chat']
if (scene === undefined) throw new Error('there is no such scene')
document.body.append(scene())
