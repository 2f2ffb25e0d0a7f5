import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { RtbenchError } from '../error.ts'
import type { Result } from '../result/document.ts'
import type { Judgement } from '../result/judgement.ts'
import { type SampleTransport, sampleResult, sampleRun } from '../result/sample.conformance.ts'
import { serialiseResult } from '../result/store.ts'
import { assertRefused, folder, run } from './command.conformance.ts'
import { act as compareCommand } from './compare/action.ts'
import { runResident } from './resident.conformance.ts'

/** Five repetitions; the median and the 99th percentile scaled. */
function measured(day: number, scale = 1, name = 'all-1000'): Result {
  const { scenario } = sampleResult()
  const runs = [1, 2, 3, 4, 5].flatMap((repetition) =>
    scenario.transports.map((transport) => {
      const sample = sampleRun(transport as SampleTransport)
      const times = (us: number | null): number | null =>
        us === null ? null : us * scale * (1 + repetition / 200)
      const { p50Us, p99Us } = sample.latency
      const latency = {
        ...sample.latency,
        p50Us: times(p50Us),
        p99Us: times(p99Us),
        // The others stay as they are, or are not told, where they would contradict these.
        ...{ p90Us: null, p95Us: null, maxUs: (p99Us ?? 0) * 3 },
      }
      const startedAt = `2026-11-${day}T10:0${repetition}:00.000Z`
      const host = { ...sample.host, echoUs: 1_000 + repetition, echoCpuUs: 80 }
      return { ...sample, repetition, seed: repetition, startedAt, latency, host }
    }),
  )
  return sampleResult({ scenario: { ...scenario, name, repeat: 5 }, runs })
}

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const before = file('before.json', serialiseResult(measured(20)))
const same = file('same.json', serialiseResult(measured(21)))
const slower = file('slower.json', serialiseResult(measured(22, 1.5)))

/** What a parser makes of it, whatever way it is written; null where it is no JSON. */
function meaningOf(json: Buffer): string | null {
  try {
    return JSON.stringify(JSON.parse(json.toString()))
  } catch {
    return null
  }
}

describe('rtbench compare', { concurrency: 2 }, () => {
  it('shows what regressed, and exits 3', async (context) => {
    const { code, stdout, stderr } = await run(context, ['compare', before, slower])
    assert.deepEqual([code, stderr], [3, ''])
    assert.match(stdout, /Server-Sent Events.*\n.*\n.*Push latency p50 .*\+50 %.* regressed/)
    assert.match(stdout, /REGRESSED: 4 regressed, \d+ unchanged/)
    assert.doesNotMatch(stdout, /Bytes per delivery/)
  })

  it('counts what is unchanged, and exits 0; --all shows it', async (context) => {
    const { code, stdout } = await run(context, ['compare', before, same])
    assert.equal(code, 0)
    assert.match(stdout, /Server-Sent Events: \d+ unchanged/)
    assert.match(stdout, /No regression: \d+ unchanged/)
    const all = await run(context, ['compare', before, same, '--all'])
    assert.match(stdout, /Push latency p50 .* unchanged .*surely within 10 %/)
    assert.match(all.stdout, /Bytes per delivery .*172 B .*172 B .*0 % .*unchanged/)
  })

  it('is a document by --json, and Markdown', async () => {
    const { stdout } = await runResident(['compare', before, slower, '--json'])
    const { schemaVersion, comparisons } = JSON.parse(stdout)
    assert.equal(schemaVersion, 1)
    assert.equal(comparisons[0].verdict, 'regressed')
    assert.equal(comparisons[0].scenario, 'all-1000')
    assert.equal(comparisons[0].judgements[0].transport, 'short-poll')
    const markdown = await runResident(['compare', before, slower, '--format', 'markdown'])
    assert.match(markdown.stdout, /^## Comparison of all-1000\n\n\*\*REGRESSED/)
    assert.match(markdown.stdout, /\| Push latency p50 \| .* \| regressed \|/)
  })

  it('takes another change for a large one', async () => {
    const { code } = await runResident(['compare', before, slower, '--min-change', '60%'])
    assert.equal(code, 0)
  })

  it('judges what is asked for, and times not at all', async () => {
    const more = await runResident(['compare', before, slower, '--judge', 'p99', '--json'])
    const { comparisons } = JSON.parse(more.stdout) as {
      comparisons: readonly { judgements: readonly Judgement[] }[]
    }
    const judged = comparisons[0]?.judgements.filter(
      ({ isJudged, kind }) => isJudged && kind === 'noisy',
    )
    assert.deepEqual(
      [...new Set(judged?.map(({ metric }) => metric))],
      ['latency.p50Us', 'latency.p99Us', 'server.totalCpuUsPerDelivery'],
    )
    assert.equal(more.code, 3)
    const only = await runResident(['compare', before, slower, '--only', 'deterministic'])
    assert.match(only.stdout, /No regression: \d+ unchanged/)
    assert.equal(only.code, 0)
  })

  it('exits 4 where times cannot be told, unless that is allowed', async () => {
    const other = measured(23)
    const runs = other.runs.map(({ host: { echoUs, echoCpuUs, ...host }, ...run }) => ({
      ...run,
      host,
    }))
    const path = file('blind.json', serialiseResult({ ...other, runs }))
    const { code, stdout } = await runResident(['compare', before, path])
    assert.match(stdout, /CANNOT TELL whether something regressed: \d+ cannot tell/)
    assert.match(stdout.replace(/[│\s]+/g, ' '), /measured at other times, and how fast/)
    assert.equal(code, 4)
    const allowed = await runResident(['compare', before, path, '--allow-inconclusive'])
    assert.equal(allowed.code, 0)
    const mismatched = await runResident(['compare', before, path, '--allow-mismatch'])
    assert.match(mismatched.stdout, /No regression/)
    assert.equal(mismatched.code, 0)
  })

  it('exits 4 where no run counts', async () => {
    const severity = 'invalid' as const
    const dropped = {
      code: 'dropped',
      severity,
      message: 'refused; look',
      value: null,
      limit: null,
    }
    const invalid = { verdict: severity, reasons: [dropped] }
    const runs = measured(24).runs.map((run) => ({ ...run, validity: invalid }))
    const path = file('invalid.json', serialiseResult({ ...measured(24), runs }))
    const { code, stdout } = await runResident(['compare', before, path])
    assert.equal(code, 4)
    assert.match(stdout, /CANNOT TELL whether something regressed: \d+ cannot tell$/m)
    assert.doesNotMatch(stdout, /No regression/)
  })

  it('takes folders, and pairs their scenarios by name', async () => {
    for (const [side, scale] of [
      ['old', 1],
      ['new', 2],
    ] as const) {
      mkdirSync(join(folder, side))
      const day = scale === 1 ? 20 : 21
      file(`${side}/a.json`, serialiseResult(measured(day, 1, 'a')))
      file(`${side}/b.json`, serialiseResult(measured(day, scale, 'b')))
      file(`${side}/b.md`, '# not a result')
    }
    const { code, stdout } = await runResident([
      'compare',
      join(folder, 'old'),
      join(folder, 'new'),
    ])
    assert.equal(code, 3)
    assert.match(
      stdout,
      /Comparison of a\n[\s\S]*No regression[\s\S]*Comparison of b\n[\s\S]*REGRESSED/,
    )
    const alone = await runResident(['compare', join(folder, 'old'), before])
    assertRefused(alone, 2, /a is in the baseline only; b is in the .*all-1000 is in the candidate/)
  })

  const empty = join(folder, 'empty')
  mkdirSync(empty)
  const above = join(folder, 'above')
  mkdirSync(join(above, 'inner'), { recursive: true })
  file('above/inner/a.json', serialiseResult(measured(24)))
  const other = measured(23)
  const fewer = { ...other, scenario: { ...other.scenario, clients: 10 } }
  const refusals: readonly (readonly [string, readonly string[], number, RegExp])[] = [
    [
      'another scenario',
      [before, file('fewer.json', serialiseResult(fewer))],
      2,
      /clients 1000 and 10/,
    ],
    [
      'half a result',
      [before, file('half.json', serialiseResult(other).slice(0, 9000))],
      1,
      /half/,
    ],
    ['what is none', [file('none.json', '{"a": 1}'), before], 1, /none\.json: not a result/],
    ['a missing file', ['missing.json', before], 1, /missing\.json: no such file/],
    ['a folder without results', [empty, before], 1, /empty: the folder has no result/],
    ['a folder above one with results', [above, before], 1, /no result.*did you mean .*inner\?/],
    [
      'a scenario',
      [before, file('a.yaml', 'transport: sse')],
      1,
      /a\.yaml: a scenario by its name/,
    ],
    ['an unknown format', [before, same, '--format', 'tabel'], 2, /did you mean table\?/],
    ['a share without its sign', [before, same, '--min-change', '10'], 2, /--min-change: 10 .*10%/],
    ['one result', [before], 2, /missing required argument 'candidate'/],
  ]
  for (const [what, args, code, line] of refusals) {
    it(`refuses ${what}`, async () => {
      assertRefused(await runResident(['compare', ...args]), code, line)
    })
  }

  it('never compares a damaged result', async () => {
    const good = Buffer.from(serialiseResult(sampleResult()))
    const refuses = async (bytes: Buffer): Promise<void> => {
      const damaged = join(folder, 'damaged.json')
      writeFileSync(damaged, bytes)
      await assert.rejects(compareCommand(before, damaged, {}), (error: unknown) => {
        assert.ok(error instanceof RtbenchError && /^[^\n]+$/.test(error.message))
        return true
      })
    }
    const end = good.indexOf('"integrity"')
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 3), (length) => refuses(good.subarray(0, length))),
      { numRuns: 100 },
    )
    await fc.assert(
      fc.asyncProperty(fc.nat(end - 1), fc.integer({ min: 1, max: 255 }), async (at, bits) => {
        const bytes = Buffer.from(good)
        bytes[at] = (good[at] ?? 0) ^ bits
        // Other white space, or the last of a number's many digits, is no damage.
        fc.pre(meaningOf(bytes) !== meaningOf(good))
        await refuses(bytes)
      }),
      { numRuns: 200 },
    )
  })
})
