/** Runs of several instances over a bus that is running already, as users start them. */
import assert from 'node:assert/strict'
import { describe, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type BusUnderTest, servedTests } from '../backplane/backplane.conformance.ts'
import type { Run } from '../result/document.ts'
import { assertRefused, needsProc, parseResult, run, start } from './command.conformance.ts'

const THREE = ['run', '--instances', '3', '--json', '--no-save', '--allow-invalid']

/** Every delivery came, once and in order. */
export function assertWhole({ transport, clients, delivery }: Run, count: number): void {
  const { expected, delivered, lost, duplicates, outOfOrder, gapSignals, reach } = delivery
  assert.equal(clients.connected, count, transport)
  assert.ok(expected > 0)
  assert.deepEqual(
    [delivered, lost, duplicates, outOfOrder, gapSignals, reach],
    [expected, 0, 0, 0, 0, 1],
    transport,
  )
}

/** Runs 1,000 clients on 100 channels of three instances, each technique; what they are held to is the caller's. */
export async function thousand(
  context: TestContext,
  backplane: readonly string[],
): Promise<readonly Run[]> {
  const load = ['--clients', '1000', '--channels', '100', '--rate', '0.5', '--transport', 'all']
  const length = ['--duration', '3s', '--warmup', '1s', '--interval', '500ms']
  const args = [...THREE, '--quiet', ...length, ...load, ...backplane]
  const { code, stdout, stderr } = await run(context, args)
  assert.deepEqual([code, stderr], [0, ''])
  const { runs } = parseResult(stdout)
  assert.equal(runs.length, 4)
  for (const one of runs) assertWhole(one, 1_000)
  return runs
}

export function testRuns(bus: BusUnderTest): void {
  describe(`several instances on ${bus.name}`, () => {
    const test = servedTests(bus)

    test('1,000 clients on 100 channels of three: all comes once and in order, by each technique', async ({
      url,
    }, context) => {
      for (const one of await thousand(context, ['--backplane', url])) {
        assert.deepEqual([one.bus?.name, one.bus?.restarts, one.bus?.gaps], [bus.name, 0, 0])
        assert.deepEqual(one.bus?.outages, [])
        assert.ok((one.bus?.bytesPerEvent ?? 0) > 4 * 128 && (one.bus?.hopMeanUs ?? 0) > 0)
      }
    })

    test(
      'one that is killed and started again is an outage, what is published meanwhile waits for it, and the run says what came of it',
      async (running, context) => {
        const load = ['--clients', '60', '--channels', '30', '--rate', '20', '--transport', 'sse']
        const length = ['--duration', '6s', '--warmup', '1s']
        const command = start(context, [...THREE, ...length, ...load, '--backplane', running.url])
        await command.says(/steady/)
        await sleep(1_500)
        await running.kill()
        await sleep(1_000)
        await running.start()
        const { code, stdout, stderr } = await command.ended
        const [one] = parseResult(stdout).runs
        assert.ok(one !== undefined)
        const { bus: told, delivery, validity, timeline, partial } = one
        assert.deepEqual([told?.restarts, told?.outages.length], [1, 3])
        assert.ok(told?.outages.every(({ toMs }) => toMs !== null))
        assert.ok(timeline.some(({ busLost = 0 }) => busLost === 3))
        const reason = validity.reasons.find(({ code }) => code === 'bus-lost')
        assert.match(reason?.message ?? '', /^the bus between the instances \([A-Z]\w+\) failed: /)
        assert.deepEqual([delivery.duplicates, delivery.outOfOrder], [0, 0])
        assert.equal(partial, delivery.lost > 0)
        assert.equal(code, delivery.lost > 0 ? 5 : 0, stderr)
        // Only what was on its way to it when it was killed is refused: of a second's 600, all else has waited.
        const refused = one.publisher?.dropped ?? 0
        assert.ok(refused < 300, `${refused} refused`)
        assert.ok(timeline.some(({ second, deliveries }) => second === 5 && deliveries > 0))
        await command.gone()
      },
      needsProc,
    )

    test('refuses what cannot be used in one line, before any load', async ({ at }, context) => {
      const nowhere = at({ host: '127.0.0.1', port: 1 }) ?? assert.fail()
      const url = nowhere.replace('://', '://me:s3cret@')
      for (const command of [
        [...THREE, '--quiet', '--clients', '60'],
        ['serve', '--port', '0'],
      ]) {
        const ended = await run(context, [...command, '--backplane', url])
        assertRefused(ended, 1, /--backplane \w+:\/\/\*\*\*@127.0.0.1:1.*ECONNREFUSED/)
        assert.doesNotMatch(ended.stderr, /s3cret/)
      }
    })
  })
}
