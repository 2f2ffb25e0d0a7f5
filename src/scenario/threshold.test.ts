import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { leastEvents, needs, parseThreshold } from './threshold.ts'
import { isRefusal } from './units.ts'

describe('parseThreshold', () => {
  const good = {
    'p99<200ms': ['p99', '<', 200_000],
    ' p50 <= 1.5s ': ['p50', '<=', 1_500_000],
    'max<250us': ['max', '<', 250],
    'lost==0': ['lost', '==', 0],
    'duplicates<10': ['duplicates', '<', 10],
    'connected>=10k': ['connected', '>=', 10_000],
    'reach>=99.9%': ['reach', '>=', 0.999],
    'reach>0.999': ['reach', '>', 0.999],
    'emptyRatio<50%': ['emptyRatio', '<', 0.5],
    'bytesPerDelivery<150.5': ['bytesPerDelivery', '<', 150.5],
    'bytesPerDelivery<1KiB': ['bytesPerDelivery', '<', 1024],
    'deliveriesPerSecond>=1k': ['deliveriesPerSecond', '>=', 1000],
    'cpuUsPerDelivery<20': ['cpuUsPerDelivery', '<', 20],
    'cpuUsPerDelivery<1ms': ['cpuUsPerDelivery', '<', 1000],
    'latency.p90Us<5ms': ['latency.p90Us', '<', 5000],
    'latency.p90Us<5000': ['latency.p90Us', '<', 5000],
    'server.rssBytesPerClient<=64KiB': ['server.rssBytesPerClient', '<=', 65_536],
    'publisher.slipP99Us<2ms': ['publisher.slipP99Us', '<', 2000],
    'generator.cpuUsPerDelivery<50': ['generator.cpuUsPerDelivery', '<', 50],
    'server.cpuUtilisation<150%': ['server.cpuUtilisation', '<', 1.5],
    'host.cpuUtilisation<0.9': ['host.cpuUtilisation', '<', 0.9],
    'delivery.reach>=99.9%': ['delivery.reach', '>=', 0.999],
    'clients.held.mean>=999.5': ['clients.held.mean', '>=', 999.5],
    'clients.openSockets.max<=10k': ['clients.openSockets.max', '<=', 10_000],
    'exchanges.requestsPerClientPerDay<1.5k': ['exchanges.requestsPerClientPerDay', '<', 1500],
    'publisher.achievedPerSecond>=100/s': ['publisher.achievedPerSecond', '>=', 100],
    'wire.bytesSent<1MiB': ['wire.bytesSent', '<', 1_048_576],
    'throughput.bytesPerSecond>1KiB': ['throughput.bytesPerSecond', '>', 1024],
    'durationMs>=9s': ['durationMs', '>=', 9000],
    'errors.ECONNRESET==0': ['errors.ECONNRESET', '==', 0],
    'errors.slow-consumer<1': ['errors.slow-consumer', '<', 1],
  } as const
  for (const [text, [metric, operator, limit]] of Object.entries(good)) {
    it(text, () => assert.deepEqual(parseThreshold(text), { metric, operator, limit }))
  }

  const bad: Readonly<Record<string, RegExp>> = {
    '': /not a comparison/,
    p99: /not a comparison/,
    'p99<': /not a comparison/,
    'p99=200ms': /not a comparison/,
    'p99<200': /200, which has no unit/,
    'p99<fast': /fast, which is not a duration/,
    'p99<-1ms': /-1ms, which is negative/,
    'p101<1s': /percentile 101, which is above 100; the metrics are p50, /,
    'p98<1s': /p98, which is not recorded; the metrics are p50, /,
    'p99.9<1s': /written p999/,
    'mena<1s': /unknown metric mena, did you mean mean\?; the metrics are /,
    'constructor<1s': /unknown metric constructor/,
    'rssBytesPerClient<1KiB': /unknown metric rssBytesPerClient, did you mean server.rssBytesPerC/,
    'latency.p98Us<1s':
      /unknown figure latency.p98Us, did you mean latency.p9\dUs\?.*thresholds.md/,
    'sever.rssBytes<1MiB': /did you mean server.rssBytes\?/,
    'validity.verdict==1': /unknown figure validity.verdict/,
    'latency.constructor<1': /unknown figure latency.constructor/,
    'errors.<1': /unknown figure errors\./,
    'latency.p99Us<fast': /fast, which is not a duration/,
    'server.rssBytes<1s': /unknown unit s/,
    'wire.bytesSent<-1': /-1, which is negative/,
    'lost<0.5': /not a whole number/,
    'lost<1ms': /unknown unit ms/,
    'reach>101%': /above 100%/,
    'reach>many': /not a ratio/,
  }
  for (const [text, problem] of Object.entries(bad)) {
    it(text === '' ? 'an empty text' : text, () => {
      const threshold = parseThreshold(text)
      assert.match(isRefusal(threshold) ? threshold.problem : 'accepted', problem)
    })
  }

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseThreshold(text)))
  })
})

describe('leastEvents', () => {
  it('is the same for a short name and its path', () => {
    const least = ['p99<1s', 'latency.p99Us<1s', 'serviceLatency.p9999Us<1s', 'probe.p99Us<1s']
      .map(parseThreshold)
      .map((threshold) => !isRefusal(threshold) && leastEvents(threshold))
    assert.deepEqual(least, [100, 100, 100_000, 0])
  })
})

describe('needsDeliveries', () => {
  it('is true of latencies and of costs per delivery', () => {
    const needing = [
      'p99<1s',
      'mean<1s',
      'bytesPerDelivery<1',
      'cpuUsPerDelivery<1',
      'lost<1',
      'reach>0',
      'serviceLatency.p90Us<1s',
      'spent.readUs<1s',
      'generator.cpuUsPerDelivery<1',
      'latency.count>0',
      'connect.p99Us<1s',
    ]
      .map(parseThreshold)
      .map((threshold) => !isRefusal(threshold) && needs(threshold, 'deliveries'))
    assert.deepEqual(needing, [
      ...[true, true, true, true, false, false],
      ...[true, true, true, false, false],
    ])
  })
})
