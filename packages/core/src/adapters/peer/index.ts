export { peerMedia } from './peer-media.js'
