/** Several instances on a Kafka broker, as users start them. */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { after, before, describe, it, type TestContext } from 'node:test'
import { KafkaBroker, missingForKafka } from '../backplane/kafka-broker.conformance.ts'
import { assertRefused, parseResult, run } from './command.conformance.ts'

const missing = missingForKafka()
const LOAD = ['run', '--clients', '60', '--channels', '10', '--rate', '5', '--instances', '3']
const LENGTH = ['--warmup', '500ms', '--duration', '3s', '--seed', '1']
const QUIET = ['--no-save', '--quiet', '--json']

describe('run on a Kafka broker', { skip: missing ?? false }, () => {
  let broker: KafkaBroker
  before(async () => {
    broker = await KafkaBroker.start()
  })
  after(() => broker.stop())

  const assertNothingLeft = (): void => {
    const topics = readdirSync(broker.data).filter((name) => /^rtbench-.*-0$/.test(name))
    assert.deepEqual(topics, [])
  }

  it('brings every event once and in order to clients of all instances, by each technique', async (context) => {
    const args = [...LOAD, ...LENGTH, ...QUIET, '--backplane', broker.url]
    const { code, stdout, stderr } = await run(context, args)
    assert.equal(stderr, '')
    const { runs } = parseResult(stdout)
    assert.deepEqual(
      runs.map(({ transport }) => transport),
      ['short-poll', 'long-poll', 'sse', 'websocket'],
    )
    for (const { transport, delivery } of runs) {
      const { expected, delivered, lost, duplicates, outOfOrder, reach } = delivery
      assert.ok(expected > 0, transport)
      assert.deepEqual(
        { delivered, lost, duplicates, outOfOrder, reach },
        { delivered: expected, lost: 0, duplicates: 0, outOfOrder: 0, reach: 1 },
        transport,
      )
    }
    // What a small and busy machine measures may be invalid, and what is lost is not.
    assert.ok(code === 0 || code === 4, `${code}`)
    assertNothingLeft()
  })

  it('refuses what cannot be used in a line, before any load', async (context) => {
    const refused = async (context: TestContext, flags: readonly string[], line: RegExp) =>
      assertRefused(await run(context, [...LOAD, ...LENGTH, '--no-save', ...flags]), 1, line)
    for (const [url, line] of [
      ['kafka://me:s3cret@127.0.0.1:1', /kafka:\/\/\*\*\*@127.0.0.1:1: .* ECONNREFUSED/],
      [
        `kafka://me:s3cret@127.0.0.1:${broker.saslPort}`,
        /does not accept this user and password$/m,
      ],
    ] as const) {
      await refused(context, ['--backplane', url], line)
    }
  })
})
