import { main } from '../../packages/relay/src/cli.js'

/** `sotto-relay` from its sources. */
process.exitCode = await main(process.argv.slice(2), process.env)
