import type { MemoryLink } from '../../packages/core/src/adapters/memory/memory-link.js'

/** From now on the link is gone before the answer to a question comes, which the backend has taken. Call what is returned, and it is whole again. */
export function losesAnswers(link: MemoryLink): () => void {
  const ask = link.ask.bind(link)
  let losing = true
  link.ask = (question) =>
    ask(async () => {
      const answer = await question()
      if (losing) link.down()
      return answer
    })
  return () => {
    losing = false
    link.up()
  }
}
