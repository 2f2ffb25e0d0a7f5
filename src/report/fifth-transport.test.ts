/** A fifth transport is one folder and one line: all that is listed by transport follows. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sampleResult, sampleRun } from '../result/sample.conformance.ts'
import { flagLayer } from '../scenario/layer.ts'
import { transports } from '../transports/registry.ts'
import { sse } from '../transports/sse/index.ts'
import type { Transport } from '../transports/transport.ts'

const pigeon: Transport = {
  ...sse,
  name: 'pigeon',
  otherNames: ['homer', 'homing-pigeon'],
  label: 'Carrier pigeon',
  traits: { ...sse.traits, complexity: 'lowest', complexityGrade: -1, bestFor: 'mountains' },
  hue: { light: '#123456', dark: '#abcdef', dash: [1, 9] },
}
// Its line. What reads the registry as it is loaded is loaded after it: this file has a process of its own.
const registry = transports as Transport[]
registry.push(pigeon)

const { HUES, huesFor } = await import('./chart/palette.ts')
const { reporters } = await import('./reporters.ts')
const { verdictOf } = await import('./verdict.ts')
const { ask } = await import('../advice/question.conformance.ts')
const { renderAdvice } = await import('../advice/report.ts')
const { scenarioOf } = await import('../experiment/plan.ts')

const { name, label, traits } = pigeon
const run = { ...sampleRun('sse'), transport: name, technique: { label, traits } }
const result = sampleResult({
  runs: [...sampleResult().runs, run],
  scenario: { ...sampleResult().scenario, transports: transports.map((one) => one.name) },
})

function rendered(reporter: string): string {
  const found = reporters.find((one) => one.name === reporter) ?? assert.fail(reporter)
  return found.render(result)
}

test('a fifth transport has its column in the table, with what is true of it', () => {
  for (const reporter of ['table', 'markdown']) {
    const text = rendered(reporter)
    assert.match(text, /Carrier pigeon/, reporter)
    assert.match(text, /mountains/, reporter)
  }
})

test('a fifth transport has a place in every other report', () => {
  for (const reporter of reporters) {
    const texts =
      reporter.renderRuns === undefined
        ? [reporter.render(result)]
        : reporter.renderRuns(result).map((part) => part.name + part.text)
    assert.match(texts.join(), /Carrier pigeon|pigeon/, reporter.name)
  }
})

test('a fifth transport has its own hue on the page', () => {
  assert.deepEqual(huesFor([name]), [4])
  assert.equal(HUES[4], pigeon.hue)
  const page = rendered('html')
  assert.match(page, /--h4:#123456/)
  assert.match(page, /stroke-dasharray:1 9/)
  assert.match(page, /Carrier pigeon/)
})

test('a fifth transport is advised on', () => {
  const advice = ask({}, [result], transports)
  assert.equal(advice.techniques.find((one) => one.transport === name)?.status, 'suitable')
  assert.match(renderAdvice(advice), /Carrier pigeon/)
})

test('a fifth transport is judged as the others are', () => {
  assert.match(verdictOf(result).join('\n'), /Use Carrier pigeon here/)
})

test('a fifth transport is understood by its other names, and told by its own', () => {
  for (const word of ['pigeon', 'Homer', 'homing pigeon']) {
    const { transports: found } = scenarioOf([flagLayer({ transport: `sse,${word}` })])
    assert.deepEqual(found, ['sse', 'pigeon'])
  }
})
