import { Counter, Gauge, Registry } from 'prom-client'

/** What a relay counts: numbers and codes, nobody's name. */
export interface Metrics {
  readonly registry: Registry
  readonly sockets: Gauge
  readonly sent: Counter
  readonly delivered: Counter
  readonly acknowledged: Counter
  readonly refused: Counter<'code'>
  readonly failed: Counter<'code'>
  readonly requests: Counter<'route' | 'status'>
}

export function createMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const counter = (name: string, help: string) =>
    new Counter({ name: `sotto_relay_${name}`, help, registers })
  return {
    registry,
    sockets: new Gauge({ name: 'sotto_relay_sockets', help: 'devices that are connected', registers }),
    sent: counter('batches_sent_total', 'batches that were stored'),
    delivered: counter('envelopes_delivered_total', 'envelopes written to a socket'),
    acknowledged: counter('envelopes_acknowledged_total', 'envelopes that a device has stored'),
    refused: new Counter({
      name: 'sotto_relay_batches_refused_total',
      help: 'batches refused',
      labelNames: ['code'],
      registers,
    }),
    failed: new Counter({
      name: 'sotto_relay_sockets_failed_total',
      help: 'sockets ended',
      labelNames: ['code'],
      registers,
    }),
    requests: new Counter({
      name: 'sotto_relay_requests_total',
      help: 'HTTP requests',
      labelNames: ['route', 'status'],
      registers,
    }),
  }
}
