import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileLayer } from '../../scenario/file-layer.ts'
import type { Layer } from '../../scenario/layer.ts'
import { type CapacityOptions, capacityWish } from './action.ts'

const base: CapacityOptions = { transport: 'sse', limit: ['lost==0'] }

function wishOf(
  options: CapacityOptions,
  below: readonly Layer[] = [],
): ReturnType<typeof capacityWish> {
  return capacityWish({ ...base, ...options }, below)
}

test("a search begins at the scenario's own number, unless it is told another", () => {
  const file = fileLayer('calm.yaml', 'clients: 200\nrate: 6/min\nrepeat: 3\n')
  const { search, from, scenario, precision } = wishOf({}, [file])
  assert.deepEqual([search, from, precision, scenario.repeat], ['clients', 200, 0.1, 1])
  assert.deepEqual([wishOf({ from: '2k' }, [file]).scenario.clients], [2_000])
  const rate = wishOf({ search: 'rate', to: '1k' }, [file])
  assert.deepEqual([rate.from, rate.to, rate.scenario.clients], [0.1, 1_000, 200])
  const slow = wishOf({ search: 'rate', from: '20/day', to: '6/min' })
  assert.deepEqual([slow.from, slow.to], [20 / 86_400, 0.1])
})

test('a search without an end goes as far as a scenario may', () => {
  assert.deepEqual([wishOf({}).to, wishOf({}).openEnd], [10_000_000, true])
  const { to, openEnd } = wishOf({ to: '20k' })
  assert.deepEqual([to, openEnd], [20_000, false])
})

test("the limits are the flag's, or the scenario's", () => {
  const file = fileLayer('calm.yaml', "threshold: ['lost==0', 'p50<1s']\n")
  const { scenario } = capacityWish({ transport: 'sse' }, [file])
  assert.deepEqual(scenario.thresholds, ['lost==0', 'p50<1s'])
  assert.deepEqual(wishOf({ limit: ['p50<2s'] }, [file]).scenario.thresholds, ['p50<2s'])
})

test('a result has the name of the file, or of the search', () => {
  assert.equal(wishOf({}).scenario.name, 'capacity-sse')
  assert.equal(wishOf({ transport: 'WS' }).scenario.name, 'capacity-websocket')
  assert.equal(wishOf({}, [fileLayer('calm.yaml', 'rate: 1\n')]).scenario.name, 'calm')
  assert.equal(wishOf({}, [fileLayer('calm.yaml', 'name: still\n')]).scenario.name, 'still')
})

test('a precision is a share from 1 % to 100 %', () => {
  assert.deepEqual(
    ['1%', '12.5%', '100%'].map((precision) => wishOf({ precision }).precision),
    [0.01, 0.125, 1],
  )
  for (const precision of ['0.5%', '101%', '10', '%', '-5%', '1e1%', '']) {
    assert.throws(() => wishOf({ precision }), /--precision: .*expected one such as 10%/)
  }
})

test('what is refused is told in one line, whatever was given', () => {
  for (const text of ['a\nb', '\u001b[2J', '']) {
    for (const options of [{ search: text }, { precision: text }, { from: text }]) {
      assert.throws(
        () => wishOf(options),
        /^RtbenchError: --\w+: \S[^\p{Cc}]+; expected [^\p{Cc}]+$/u,
      )
    }
  }
})

test('both ends are refused by their own names', () => {
  assert.throws(() => wishOf({ from: '1.5' }), /^RtbenchError: --from: 1\.5 is not a whole number/)
  assert.throws(() => wishOf({ to: '-1' }), /^RtbenchError: --to: -1 is below 1/)
  assert.throws(() => wishOf({ search: 'rate', to: '2M' }), /--to: "2M" is above 1,000,000/)
})
