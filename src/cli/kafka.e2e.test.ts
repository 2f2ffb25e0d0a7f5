/** Several instances on a Kafka broker, as users start them. */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { KafkaBroker, missingForKafka } from '../backplane/kafka-broker.conformance.ts'
import { thousand } from './bus-runs.conformance.ts'
import { assertRefused, parseResult, run, start } from './command.conformance.ts'

const missing = missingForKafka()
const THREE = ['run', '--instances', '3', '--json', '--no-save', '--allow-invalid']

describe('several instances on a Kafka broker', { skip: missing ?? false }, () => {
  let broker: KafkaBroker
  before(async () => {
    broker = await KafkaBroker.start()
  })
  after(() => broker.stop())

  it('1,000 clients on 100 channels of three: all comes once and in order, by each technique', async (context) => {
    for (const { bus } of await thousand(context, ['--backplane', broker.url])) {
      assert.deepEqual([bus?.name, bus?.restarts, bus?.gaps], ['Kafka', 0, 0])
      assert.deepEqual(bus?.outages, [])
      assert.ok((bus?.bytesPerEvent ?? 0) > 4 * 128 && (bus?.hopMeanUs ?? 0) > 0)
      assert.ok((bus?.rssBytes ?? 0) > 50e6)
    }
    assertNothingLeft()
  })

  it('a broker that is killed and started again is an outage, and nothing comes twice or out of order', async (context) => {
    const load = ['--clients', '60', '--channels', '30', '--rate', '20', '--transport', 'sse']
    const length = ['--duration', '18s', '--warmup', '1s']
    const command = start(context, [...THREE, ...length, ...load, '--backplane', broker.url])
    await command.says(/steady/)
    await sleep(1_500)
    await broker.kill()
    await broker.start()
    const { code, stdout, stderr } = await command.ended
    const [one] = parseResult(stdout).runs
    assert.ok(one !== undefined)
    const { bus, delivery, validity, timeline } = one
    assert.deepEqual([bus?.restarts, bus?.gaps, bus?.outages.length], [0, 0, 3])
    assert.ok(bus?.outages.every(({ toMs }) => toMs !== null))
    assert.ok(validity.reasons.some(({ code }) => code === 'bus-lost'))
    assert.deepEqual([delivery.duplicates, delivery.outOfOrder], [0, 0])
    assert.equal(code, delivery.lost > 0 ? 5 : 0, stderr)
    assert.ok(timeline.some(({ busLost = 0 }) => busLost === 3))
    await command.gone()
    assertNothingLeft()
  })

  it('refuses what cannot be used in one line, before any load', async (context) => {
    for (const [url, line] of [
      ['kafka://me:s3cret@127.0.0.1:1', /kafka:\/\/\*\*\*@127.0.0.1:1: .*ECONNREFUSED/],
      [
        `kafka://me:s3cret@127.0.0.1:${broker.saslPort}`,
        /the broker does not accept this user and password$/m,
      ],
      ['kafka://127.0.0.1:1/topic', /is no address of Kafka brokers/],
    ] as const) {
      const ended = await run(context, [...THREE, '--quiet', '--clients', '60', '--backplane', url])
      assertRefused(ended, 1, line)
      assert.doesNotMatch(ended.stderr, /s3cret/)
    }
  })

  const assertNothingLeft = (): void => {
    const topics = readdirSync(broker.data).filter((name) => /^rtbench-.*-0$/.test(name))
    assert.deepEqual(topics, [])
  }
})
