import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import fc from 'fast-check'
import { sampleResult, sampleRun } from '../result/sample.conformance.ts'
import type { Check } from './check.ts'
import { junit, renderJunit, type Suite } from './junit.ts'

/** Reads a document by expat and prints what is in it, as JSON. */
const READER = `
import json, sys, xml.etree.ElementTree as tree
def read(element):
    return [element.tag, dict(element.attrib), (element.text or '').strip(), [read(one) for one in element]]
documents = json.load(sys.stdin)
print(json.dumps([read(tree.fromstring(one.encode())) for one in documents]))
`
const hasPython = spawnSync('python3', ['-c', 'import xml.etree.ElementTree']).status === 0
const needsParser = hasPython ? {} : { skip: 'there is no python3 here to read XML by' }

type Element = [tag: string, attributes: Record<string, string>, text: string, inside: Element[]]

function parsed(...documents: readonly string[]): readonly Element[] {
  const { stdout, stderr } = spawnSync('python3', ['-c', READER], {
    input: JSON.stringify(documents),
    encoding: 'utf8',
  })
  assert.equal(stderr, '')
  return JSON.parse(stdout)
}

const PASSED: Check = {
  kind: 'comparison',
  transport: 'WebSocket',
  name: 'Bytes per delivery',
  outcome: 'passed',
  verdict: 'unchanged',
  message: '302 B → 302 B',
}

function suite(checks: readonly Check[], changes: Partial<Suite> = {}): Suite {
  const startedAt = '2026-11-22T10:49:36.120Z'
  return { name: 'chat', startedAt, durationMs: 8_000, file: 'ci/chat.yaml', checks, ...changes }
}

test('has the elements, attributes and counts of the usual schema', needsParser, () => {
  const checks: readonly Check[] = [
    PASSED,
    { ...PASSED, outcome: 'failed', verdict: 'regressed', message: '302 B → 400 B' },
    { ...PASSED, outcome: 'errored', verdict: 'invalid', message: 'sent late' },
    { ...PASSED, outcome: 'skipped', verdict: 'inconclusive', message: 'needs ≥ 5' },
  ]
  const [root] = parsed(renderJunit([suite(checks), suite([PASSED], { name: 'idle', file: null })]))
  assert(root !== undefined)
  const [tag, attributes, , suites] = root
  assert.equal(tag, 'testsuites')
  assert.deepEqual(attributes, {
    name: 'rtbench',
    tests: '5',
    failures: '1',
    errors: '1',
    time: '16.000',
  })
  const [first, second] = suites
  assert(first !== undefined && second !== undefined)
  assert.deepEqual(first.slice(0, 2), [
    'testsuite',
    {
      name: 'chat',
      tests: '4',
      failures: '1',
      errors: '1',
      skipped: '1',
      time: '8.000',
      timestamp: '2026-11-22T10:49:36',
    },
  ])
  assert.deepEqual(
    first[3].map(([name, { classname }, , inside]) => [name, classname, inside.length]),
    first[3].map(() => ['testcase', 'chat.WebSocket', 1]),
  )
  assert.deepEqual(
    first[3].map(([, , , [element]]) => element?.slice(0, 3)),
    [
      ['system-out', {}, 'unchanged: 302 B → 302 B'],
      ['failure', { message: '302 B → 400 B', type: 'regressed' }, ''],
      ['error', { message: 'sent late', type: 'invalid' }, ''],
      ['skipped', { message: 'needs ≥ 5' }, ''],
    ],
  )
  assert.equal(first[3][0]?.[1]['file'], 'ci/chat.yaml')
  assert.equal(second[3][0]?.[1]['file'], undefined)
})

test('any text survives a real parser', needsParser, () => {
  const texts = [
    '<script>&amp;"\'</script>',
    ']]>',
    'a\u0000b\u001b[31mc\u0008',
    '\ud800 alone \udc00',
    '\ufffe\uffff',
    '💥 žluťoučký',
    ...fc.sample(fc.string({ unit: 'binary', maxLength: 30 }), 200),
    ...fc.sample(fc.string({ unit: 'grapheme', maxLength: 30 }), 100),
  ]
  const documents = texts.map((text) =>
    renderJunit([suite([{ ...PASSED, name: text, message: text, outcome: 'failed' }])]),
  )
  for (const [index, [, , , suites]] of parsed(...documents).entries()) {
    const [, , , [element]] = suites[0] as Element
    const [, attributes, , [failure]] = element as Element
    // What XML cannot write is replaced; all else comes back.
    const expected = (texts[index] as string)
      .replace(/\p{Surrogate}/gu, '\ufffd')
      .replace(/[\t\r\n]+/g, ' ')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what XML cannot write
      .replace(/[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/g, '\ufffd')
    assert.equal(attributes['name'], expected)
    assert.equal(failure?.[1]['message'], expected)
  }
})

test('a stored result: validity and thresholds of each transport', needsParser, () => {
  const late = {
    verdict: 'invalid' as const,
    reasons: [{ code: 'slip', severity: 'invalid' as const, message: 'late', value: 9, limit: 2 }],
  }
  const result = sampleResult({
    runs: [sampleRun('sse'), sampleRun('websocket', { validity: late })],
    missing: [
      { transport: 'long-poll', label: 'Long polling', repetition: 1, reason: 'no server' },
    ],
  })
  const scenario = { ...result.scenario, thresholds: ['lost==0', 'p99<12ms'] }
  const [root] = parsed(junit.render({ ...result, scenario }))
  const cases = (root as Element)[3][0]?.[3].map(([, attributes, , [inside]]) => [
    attributes['classname'],
    attributes['name'],
    inside?.[0],
    inside?.[1]['message'] ?? inside?.[2],
  ])
  assert.deepEqual(cases, [
    ['all-1000.Server-Sent Events', 'validity', 'system-out', 'valid: 1 run'],
    ['all-1000.WebSocket', 'validity', 'error', cases?.[1]?.[3]],
    ['all-1000.Long polling', 'validity', 'error', 'not measured: no server'],
    ['all-1000.Server-Sent Events', 'lost==0', 'system-out', 'kept: lost==0: 0'],
    ['all-1000.Server-Sent Events', 'p99<12ms', 'failure', 'p99<12ms missed: 12.3 ms'],
    ['all-1000.WebSocket', 'lost==0', 'system-out', 'kept: lost==0: 0'],
    ['all-1000.WebSocket', 'p99<12ms', 'failure', 'p99<12ms missed: 12.9 ms'],
  ])
  assert.match(String(cases?.[1]?.[3]), /^invalid: late$/)
})
