import type { Plan } from './plan.js'

/** The plan without every step that it goes wrong without: what is left is worth reading. */
export async function reduce(plan: Plan, isWrong: (plan: Plan) => Promise<boolean>): Promise<Plan> {
  let left = plan
  for (let size = Math.ceil(plan.steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < left.steps.length;) {
      const steps = [...left.steps.slice(0, at), ...left.steps.slice(at + size)]
      if (await isWrong({ ...left, steps })) left = { ...left, steps }
      else at += size
    }
  }
  return left
}
