import { html } from 'lit'

/** What stands in the place of messages until they are there. */
export const loadingBubbles = html`<div class="loading" aria-hidden="true">
  ${['theirs', 'theirs', 'mine', 'theirs', 'mine', 'mine'].map((whose) => html`<span class="bar-bubble ${whose}"></span>`)}
</div>`
