import { pino, type DestinationStream, type Logger } from 'pino'

/** Logs hold counts and codes: no names, no addresses of people, no bodies. */
export type Log = Logger

export function createLog(to: boolean | DestinationStream): Log {
  if (to === false) return pino({ enabled: false })
  const options = { base: null, timestamp: pino.stdTimeFunctions.isoTime }
  return to === true ? pino(options) : pino(options, to)
}
