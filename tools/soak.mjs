// `npm run soak`: plays thousands of runs of the state machine (test/core/machine.node.test.ts). `npm run soak -- RUNS SEED` plays that many, from that
// seed on. What goes wrong is printed with its seed, and with the shortest script that goes wrong in the same way.
import { fork } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'

const everyMs = 30_000

if (process.send === undefined) await lead()
else await play(JSON.parse(process.argv[2]))

async function lead() {
  const [runs = 10_000, from = randomInt(2 ** 30)] = process.argv.slice(2).map(Number)
  if (!(runs > 0) || !Number.isSafeInteger(runs) || !Number.isSafeInteger(from))
    throw new Error('how many runs, and from which seed?')
  const total = { runs: 0, messages: 0, failed: 0 }
  const start = performance.now()
  const tell = () => {
    const seconds = Math.round((performance.now() - start) / 1000)
    const { runs: done, messages, failed } = total
    say(`${done} of ${runs} runs, ${messages} messages, ${failed} failed, ${seconds} s`)
  }
  say(`${runs} runs from seed ${from}`)
  const timer = setInterval(tell, everyMs)
  const step = Math.min(runs, availableParallelism())
  const players = Array.from({ length: step }, (_, i) =>
    player({ from: from + i, to: from + runs, step }, total),
  )
  await Promise.all(players)
  clearInterval(timer)
  tell()
  if (total.failed > 0 || total.runs !== runs) process.exitCode = 1
}

/** A process of its own, which plays every `step`th seed. Resolves when it has ended. */
function player(seeds, total) {
  const child = fork(fileURLToPath(import.meta.url), [JSON.stringify(seeds)])
  child.on('message', ({ messages, failure }) => {
    total.runs++
    total.messages += messages
    if (failure === undefined) return
    total.failed++
    say(failure)
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', resolve)
  })
}

async function play({ from, to, step }) {
  const { createSignalCipher } = await import('@sotto/signal')
  const { problemsOf } = await import('../test/support/machine/checker.ts')
  const { Machine } = await import('../test/support/machine/machine.ts')
  const { planOf, scriptOf } = await import('../test/support/machine/plan.ts')
  const { Quiet } = await import('../test/support/machine/quiet.ts')
  const { reduce } = await import('../test/support/machine/reduce.ts')
  const machine = new Machine(await createSignalCipher(), Quiet.watch())
  for (let seed = from; seed < to; seed += step) {
    const plan = planOf(seed)
    const { said, problems } = await judge(plan)
    process.send({ messages: said, ...(problems.length > 0 && { failure: await report(plan, problems) }) })
  }
  process.disconnect()

  /** A run that throws is a problem like any other. */
  async function judge(plan) {
    try {
      const history = await machine.play(plan)
      return { said: history.said.length, problems: problemsOf(history) }
    } catch (error) {
      return { said: 0, problems: [{ fault: 'thrown', what: String(error?.stack ?? error) }] }
    }
  }

  async function report(plan, problems) {
    const faults = new Set(problems.map(({ fault }) => fault))
    const isWrong = async (less) => (await judge(less)).problems.some(({ fault }) => faults.has(fault))
    const script = scriptOf(await reduce(plan, isWrong))
    const lines = problems.map(({ fault, what }) => `  ${fault}: ${what}`)
    return [`seed ${plan.seed} failed`, ...lines, `  ${script}`].join('\n')
  }
}

function say(text) {
  process.stdout.write(`${text}\n`)
}
