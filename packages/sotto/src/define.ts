import { MessengerElement, ProviderElement, defineElements } from '@sotto/elements'
import { connectElement } from './connect-element.js'

/** The elements with our `connect`. Where somebody has defined them already, theirs stay. */
defineElements({
  'sotto-provider': class extends ProviderElement {
    override connect = connectElement
  },
  'sotto-messenger': class extends MessengerElement {
    override connect = connectElement
  },
})
