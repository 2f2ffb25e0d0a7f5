import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { isTimingReason } from '../../measure/reason.ts'
import { type Ended, folder, run } from '../command.conformance.ts'
import { assertNothingLeft, ci, environment, SERVE } from './pair.conformance.ts'

/** Node ends a test file after 300 s; all runs late, one measurement takes 120 s. */
const AGAIN_UNTIL_MS = performance.now() + 90_000

/** Again where the machine had no time for it: nothing is judged then. */
async function believable(measure: () => Promise<Ended>): Promise<Ended> {
  const ended = await measure()
  return ended.code === 4 && performance.now() < AGAIN_UNTIL_MS ? measure() : ended
}

/** A machine that is busy each time leaves no verdict, and the command says that it was. */
function assertLate(stderr: string): void {
  assert.match(stderr, /^rtbench: short: \w+: WebSocket: \d runs? late/m)
  const causes = [...stderr.matchAll(/\(invalid: ([^)]*)\)$/gm)].flatMap(([, codes = '']) =>
    codes.split(', '),
  )
  for (const code of causes) assert.ok(isTimingReason({ code }), stderr)
}

suite('times of another commit, run by run', { concurrency: false }, () => {
  test('a change that makes the server slower: exit 3', async (context) => {
    writeFileSync(join(folder, 'flags'), '--fault delay=20ms')
    const args = ['ci', 'short.yaml', '--against', 'main', '--serve', SERVE, '--build', 'cat flags']
    const { code, stdout, stderr } = await believable(() => run(context, args, environment))
    assert.match(stderr, /^the working folder has changes that are in no commit/m)
    assert.match(stdout, /Push latency p50 regressed: .* → (?:[2-9]\d|\d{3})(?:\.\d+)? ms \(\+/)
    assert.equal(code, 3)
    // Both sides, twice; but once where a run was late, which speaks against the case already.
    const saved = new Set([...stderr.matchAll(/^saved \S+\.json/gm)].map(([line]) => line))
    const wasLate = /\d runs? (?:late|suspect)/.test(stderr)
    assert.ok(saved.size === 4 || (wasLate && saved.size === 2), stderr)
    assert.match(
      stderr,
      /^compare them again by rtbench compare \S+-short\.main\.json \S+-short\.working\.json$/m,
    )
    assertNothingLeft()
  })

  test('the same on both sides: no regression', async (context) => {
    writeFileSync(join(folder, 'flags'), '')
    // Of a busy machine less would be much to ask: the test is of the way, not of the statistics.
    const flags = ['--against', 'HEAD', '--serve', SERVE, '--min-change', '100%']
    const { code, stdout, stderr } = await believable(() => ci(context, ...flags))
    // What one look finds and the next one does not is told, and no verdict.
    assert.doesNotMatch(stdout, / regressed: /)
    if (code === 4) assertLate(stderr)
    else assert.equal(code, 0, stdout + stderr)
    assertNothingLeft()
  })
})
