// `npm run soak`: plays thousands of runs of the state machine (test/core/machine.node.test.ts). `npm run soak -- RUNS SEED` plays that many, from that
// seed on; `npm run soak -- chaos RUNS SEED` whole clients over a relay in one process (test/chaos/chaos.test.ts), `npm run soak -- tabs RUNS SEED`
// real tabs over a real relay process (test/chaos/real-tabs.test.ts). What goes wrong is printed with its seed, and with the shortest script that goes
// wrong in the same way, or with what was done.
import { fork } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'

const everyMs = 30_000
/** What can be played, and how often unless said otherwise. Real tabs share the processors among them: one run at a time. */
const games = { machine: { runs: 10_000 }, chaos: { runs: 2_000 }, tabs: { runs: 50, players: 1 } }

if (process.send === undefined) await lead()
else await play(JSON.parse(process.argv[2]))

async function lead() {
  const args = process.argv.slice(2)
  const game = args[0] in games ? args.shift() : 'machine'
  const { runs: usual, players: most = availableParallelism() } = games[game]
  const [runs = usual, from = randomInt(2 ** 30)] = args.map(Number)
  if (!(runs > 0) || !Number.isSafeInteger(runs) || !Number.isSafeInteger(from))
    throw new Error('how many runs, and from which seed? before them `chaos` or `tabs` may be named')
  const total = { runs: 0, messages: 0, failed: 0 }
  const start = performance.now()
  const tell = () => {
    const seconds = Math.round((performance.now() - start) / 1000)
    const { runs: done, messages, failed } = total
    say(`${done} of ${runs} runs, ${messages} messages, ${failed} failed, ${seconds} s`)
  }
  say(`${game}: ${runs} runs from seed ${from}`)
  const timer = setInterval(tell, everyMs)
  const step = Math.min(runs, most)
  const players = Array.from({ length: step }, (_, i) =>
    player({ game, from: from + i, to: from + runs, step }, total),
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

async function play({ game, from, to, step }) {
  const { createSignalCipher } = await import('@sotto/signal')
  const cipher = await createSignalCipher()
  const { play: playOne, report } = await { machine: machineGame, chaos: chaosGame, tabs: tabsGame }[game](
    cipher,
  )
  for (let seed = from; seed < to; seed += step) {
    const { said, problems, log } = await judged(() => playOne(seed))
    const failure = problems.length > 0 ? { failure: await (report ?? tell)(seed, problems, log) } : {}
    process.send({ messages: said, ...failure })
  }
  process.disconnect()
}

/** A run that throws is a problem like any other. */
async function judged(play) {
  try {
    return await play()
  } catch (error) {
    return {
      said: 0,
      problems: [{ fault: 'thrown', what: String(error?.stack ?? error) }],
      log: error?.log ?? [],
    }
  }
}

function tell(seed, problems, log) {
  const lines = problems.map(({ fault, what }) => `  ${fault}: ${what}`)
  return [`seed ${seed} failed`, ...lines, `  ${log.join(', ')}`].join('\n')
}

async function machineGame(cipher) {
  const { problemsOf } = await import('../test/support/machine/checker.ts')
  const { Machine } = await import('../test/support/machine/machine.ts')
  const { planOf, scriptOf } = await import('../test/support/machine/plan.ts')
  const { Quiet } = await import('../test/support/machine/quiet.ts')
  const { reduce } = await import('../test/support/machine/reduce.ts')
  const machine = new Machine(cipher, Quiet.watch())
  const judge = (plan) =>
    judged(async () => {
      const history = await machine.play(plan)
      return { said: history.said.length, problems: problemsOf(history), log: [] }
    })
  return {
    play: (seed) => judge(planOf(seed)),
    async report(seed, problems) {
      const faults = new Set(problems.map(({ fault }) => fault))
      const isWrong = async (less) => (await judge(less)).problems.some(({ fault }) => faults.has(fault))
      return tell(seed, problems, [scriptOf(await reduce(planOf(seed), isWrong))])
    },
  }
}

/** 3 to 8 people; every second run with processes that end in the middle of a commit, and full disks. */
async function chaosGame(cipher) {
  const { Chaos } = await import('../test/support/chaos/chaos.ts')
  return {
    async play(seed) {
      const chaos = await Chaos.start(cipher, seed, 3 + (seed % 6))
      try {
        const problems = await chaos.play(120, { isFrail: seed % 2 === 0 })
        return { said: chaos.said, problems, log: chaos.log }
      } catch (error) {
        throw Object.assign(error, { log: chaos.log })
      } finally {
        await chaos.end()
      }
    },
  }
}

async function tabsGame(cipher) {
  const { RealChaos } = await import('../test/support/chaos/real-chaos.ts')
  const { runBody } = await import('../test/support/test-body.ts')
  return {
    async play(seed) {
      let result
      const skipped = await runBody(async (context) => {
        const chaos = await RealChaos.start(context, cipher, seed)
        if (chaos === undefined) return
        try {
          result = { problems: await chaos.play(50), said: chaos.said, log: chaos.log }
        } catch (error) {
          throw Object.assign(error, { log: chaos.log })
        }
      })
      if (skipped !== undefined) throw new Error(skipped)
      return result
    },
  }
}

function say(text) {
  process.stdout.write(`${text}\n`)
}
