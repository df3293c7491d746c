export { storeCases } from './testing/store-cases.js'
export { locksCases } from './testing/locks-cases.js'

export type { Case } from './testing/case.js'
export type { StorePlace } from './testing/store-cases.js'
