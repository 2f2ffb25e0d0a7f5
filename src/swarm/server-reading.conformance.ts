/** What a server tells that has been up for ten seconds; a parameter replaces parts. */
export function sampleStatistics(
  changes: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  return {
    server: 'rtbench',
    pid: 4711,
    upMs: 10_000,
    transports: {
      sse: { held: 50, deliveries: 1_000, gapSignals: 0, slowConsumers: 0 },
      websocket: { held: 0, deliveries: 0, gapSignals: 0, slowConsumers: 0 },
    },
    openSockets: 52,
    published: 20,
    limits: { holdMs: 30_000 },
    log: { events: 20, capacity: 100_000 },
    cpu: { userUs: 400_000, systemUs: 100_000 },
    memory: { rssBytes: 90_000_000, heapUsedBytes: 9_000_000 },
    loop: { delayP50Us: 10, delayP99Us: 700, delayMaxUs: 900, samples: 200, utilisation: 0.1 },
    fanOut: { waitedUs: 30_000, events: 20, spanP99Us: 44, spanMaxUs: 55 },
    faults: null,
    ...changes,
  }
}
