/** `rtbench bus`: what buses take, measured and read again. */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { BusTax } from '../tax/bus-tax.ts'
import { folder, lastOfEach, parseResult, run, start } from './command.conformance.ts'

const SMALL = [
  ...['bus', '--clients', '30', '--channels', '10', '--rate', '20', '--duration', '2s'],
  ...['--warmup', '1s', '--seed', '5', '--quiet', '--instances', '2'],
]

describe('rtbench bus', () => {
  it('measures in turns, prints what a bus adds and costs, and reads it again of what it saved', async (context) => {
    const args = [...SMALL, '--repeat', '2', '--format', 'json', '--out', 'bus-out']
    const { code, stdout, stderr } = await run(context, args)
    assert.equal(code, 0, stderr)
    const taxes = JSON.parse(stdout) as readonly BusTax[]
    assert.equal(taxes.length, 1)
    const [none, memory] = taxes[0]?.rows ?? []
    assert.deepEqual([none?.bus, none?.instances, none?.runs], [null, 1, 2])
    assert.deepEqual([memory?.bus, memory?.instances, memory?.runs], ['memory', 2, 2])
    const addedUs = memory?.addedP50Us?.value ?? 0
    assert.ok(addedUs > 10 && addedUs < 1e6, `${addedUs}`)
    assert.ok((memory?.addedP99Us?.value ?? 0) >= addedUs)
    assert.ok(Math.abs((memory?.hopsPerEvent ?? 0) - 2) < 0.1, `${memory?.hopsPerEvent}`)
    assert.ok((memory?.bytesPerEvent ?? 0) > 3 * 128 && memory?.allInP50Us != null)
    const files = readdirSync(join(folder, 'bus-out')).filter((name) => name.endsWith('.json'))
    assert.deepEqual(
      files.map((name) => name.replace(/^.*Z-/, '')),
      ['bus-memory-2.json', 'bus-none-1.json'],
    )
    const paths = files.map((name) => join('bus-out', name))
    const again = await run(context, ['bus', ...paths, '--format', 'json'])
    assert.deepEqual(JSON.parse(again.stdout), taxes)
    const table = await run(context, ['bus', ...paths])
    assert.match(table.stdout, /^2 instances, broadcast: memory adds [\d.]+ [µm]s at p50\.$/m)
  })

  it('is part of each run on a bus, also where the number of instances is swept', async (context) => {
    const [, ...load] = SMALL.slice(0, SMALL.indexOf('--instances'))
    const sweep = ['run', ...load, '--transport', 'sse', '--sweep', 'instances=1,2']
    const { code, stdout, stderr } = await run(context, [
      ...sweep,
      '--json',
      '--no-save',
      '--allow-invalid',
    ])
    assert.equal(code, 0, stderr)
    const [one, two] = parseResult(stdout).runs
    assert.deepEqual([one?.point, one?.bus, two?.point], [1, undefined, 2])
    const { added, addedIntervals, receiptsPerEvent } = two?.bus ?? {}
    // 10 channels with 20 events a second each, of two seconds, at two instances.
    assert.ok((added?.count ?? 0) > 400 && (added?.count ?? 0) < 1_200, `${added?.count}`)
    const { lowUs = Number.NaN, highUs } = addedIntervals?.p50 ?? {}
    assert.ok(lowUs <= (added?.p50Us ?? 0) && (added?.p50Us ?? 0) <= (highUs ?? 0))
    assert.ok(Math.abs((receiptsPerEvent ?? 0) - 2) < 0.1)
  })

  it('refuses what it cannot use in one line, before any load', async (context) => {
    const refusals = [
      [
        ['memory', 'redis://:s3cret@127.0.0.1:9'],
        1,
        /^rtbench: --backplane redis:\/\/\*\*\*@127\.0\.0\.1:9: .+\n$/,
      ],
      [['memory', 'a.json'], 2, /^rtbench: memory: is no result, as a\.json is; expected .+\n$/],
      [['none.json'], 1, /^rtbench: none\.json: .+\n$/],
      [['nothing'], 2, /^rtbench: bus: "nothing" is none; expected .+\n$/],
    ] as const
    for (const [given, expected, line] of refusals) {
      const { code, stdout, stderr } = await run(context, [...SMALL, ...given, '--no-save'])
      assert.deepEqual([code, stdout], [expected, ''], stderr)
      assert.match(stderr, line)
    }
  })

  it('tells by Ctrl-C what was measured by then', async (context) => {
    const args = lastOfEach([...SMALL, '--repeat', '50', '--no-save'])
    const command = start(
      context,
      args.filter((one) => one !== '--quiet'),
    )
    await command.says(/bus-none-1, round 2 of 50/)
    command.signal('SIGINT')
    const { code, stdout } = await command.ended
    assert.equal(code, 130)
    assert.match(stdout, /memory adds/)
  })
})
