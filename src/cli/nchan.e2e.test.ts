/**
 * Does the instrument measure a server that nobody here wrote? nginx with nchan is held against
 * theory, and one that forgets events shows that the audit would tell.
 */

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { reasonKind } from '../measure/reason.ts'
import type { Run } from '../result/document.ts'
import { parseResult, run } from './command.conformance.ts'
import { Nchan, needsNchan } from './nchan.conformance.ts'
import { root } from './root.conformance.ts'

const SCENARIO = join(root, 'scenarios', 'nchan.yaml')
const CLIENTS = 128
const RATE = 1
const INTERVAL_US = 400_000

/** That somebody else's server tells no figures of its own, and that all came that was owed. */
function assertSound(run: Run): void {
  const { delivery, clients, validity, errors } = run
  assert.deepEqual([clients.connected, clients.failed], [CLIENTS, 0], run.transport)
  assert.ok(delivery.expected > 0.9 * CLIENTS * RATE * (run.durationMs / 1000))
  assert.deepEqual(
    [delivery.delivered, delivery.lost, delivery.duplicates, delivery.outOfOrder],
    [delivery.expected, 0, 0, 0],
    run.transport,
  )
  assert.deepEqual([delivery.foreign, delivery.misrouted, errors], [0, 0, {}])
  assert.deepEqual([run.server, run.serviceLatency], [null, null])
  assert.deepEqual(clients.held, { mean: null, min: null, max: null })
  // A machine that is busy with other tests brings about the rest; all else is the tool's fault.
  const counts = validity.reasons.filter(({ code }) => !reasonKind(code).isTiming)
  assert.deepEqual(counts, [])
}

function assertBytes(run: Run, least: number, most: number): void {
  const bytes = run.wire.bytesPerDelivery ?? 0
  assert.ok(bytes >= least && bytes <= most, `${run.transport}: ${bytes} bytes per delivery`)
}

/**
 * Latency uniform on the interval, within a tenth of it and a busy machine's delay. A single pause of
 * the machine makes the longest one longer, and may leave a question out.
 */
function assertUniform({ latency }: Run): void {
  const near = (us: number | null, share: number): void => {
    const off = (us ?? Number.NaN) / INTERVAL_US - share
    assert.ok(off > -0.1 && off < 0.15, `${us} µs is not ${share} of the interval`)
  }
  near(latency.minUs, 0)
  near(latency.p50Us, 0.5)
  near(latency.p90Us, 0.9)
  near(latency.p95Us, 0.95)
  const longest = (latency.maxUs ?? Number.NaN) / INTERVAL_US
  assert.ok(longest > 0.9 && longest < 2.5, `the longest is ${longest} intervals`)
}

describe('nginx with nchan', { concurrency: 2, ...needsNchan }, () => {
  it('is measured with all four techniques, as theory has it', async (context) => {
    const nchan = await Nchan.start(context)
    const { code, stdout, stderr } = await run(context, [
      ...['run', SCENARIO, '--url', nchan.url, '--clients', `${CLIENTS}`, '--seed', '8'],
      ...['--duration', '2500ms', '--warmup', '500ms'],
      ...['--json', '--no-save', '--quiet', '--allow-invalid'],
    ])
    assert.equal(code, 0, stderr)
    const { runs, scenario } = parseResult(stdout)
    assert.equal(scenario.target?.endpoints['short-poll']?.path, '/poll/{channel}')
    for (const run of runs) assertSound(run)

    const [shortPoll, longPoll, sse, webSocket] = runs as [Run, Run, Run, Run]
    assertUniform(shortPoll)
    // An answer brings one message: those that do are as many as events.
    const asked = INTERVAL_US / 1e6
    const { emptyRatio } = shortPoll.exchanges
    assert.ok(Math.abs((emptyRatio ?? 0) - (1 - RATE * asked)) < 0.05, `${emptyRatio} empty`)
    for (const pushed of [longPoll, sse, webSocket]) {
      assert.ok((pushed.latency.p50Us ?? Number.NaN) < INTERVAL_US / 8, pushed.transport)
      assert.throws(() => assertUniform(pushed))
    }
    // 128 bytes of data in a frame's head of four, an event's lines, an answer's head.
    assertBytes(webSocket, 132, 136)
    assertBytes(sse, 140, 260)
    assertBytes(longPoll, 300, 600)
    assertBytes(shortPoll, 500, 1200)
    await nchan.stop()
  })

  it('that keeps one event only is found to lose the others', async (context) => {
    const forgetful = (text: string): string =>
      text.replace('nchan_message_buffer_length 1000;', 'nchan_message_buffer_length 1;')
    const nchan = await Nchan.start(context, forgetful)
    const { code, stdout, stderr } = await run(context, [
      ...['run', SCENARIO, '--url', nchan.url, '--clients', '20', '--transport', 'short-poll'],
      ...['--rate', '10', '--interval', '1s', '--duration', '2s', '--warmup', '0', '--seed', '8'],
      ...['--json', '--no-save', '--quiet', '--allow-invalid', '--threshold', 'lost==0'],
    ])
    assert.equal(code, 3, stderr)
    const [measured] = parseResult(stdout).runs as [Run]
    const { expected, lost, delivered } = measured.delivery
    // Of ten events in an interval a poller finds the last one.
    assert.ok(lost > 0.8 * expected && delivered > 0, `${lost} of ${expected} lost`)
    assert.throws(() => assertSound(measured))
  })
})
