export { storeCases } from './testing/store-cases.js'
export { locksCases } from './testing/locks-cases.js'
export { directoryCases } from './testing/directory-cases.js'
export { transportCases } from './testing/transport-cases.js'
export { cipherCases } from './testing/cipher-cases.js'

export type { Case } from './testing/case.js'
export type { StorePlace } from './testing/store-cases.js'
export type { BackendPlace } from './testing/backend-place.js'
