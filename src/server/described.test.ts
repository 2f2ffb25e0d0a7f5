/**
 * Every transport's client against the reference server, told by the scenario of docs/targets.md
 * what it would know by itself: a description can say all that the clients can do.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { suite } from 'node:test'
import { fileLayer } from '../scenario/file-layer.ts'
import { resolveScenario } from '../scenario/usual.conformance.ts'
import { deliveryConformance } from '../transports/delivery.conformance.ts'
import { transports } from '../transports/registry.ts'
import { resumeConformance } from '../transports/resume.conformance.ts'
import { startTestServer } from './reference-server.conformance.ts'

const document = readFileSync(new URL('../../docs/targets.md', import.meta.url), 'utf8')
const [, scenario = ''] = /```yaml\n(.*?)```/s.exec(document) ?? []
const { target } = resolveScenario([fileLayer('docs/targets.md', scenario)], {
  transportNames: transports.map(({ name }) => name),
  otherNames: () => [],
  randomSeed: () => 1,
  endpointKeys: (name) => transports.find((one) => one.name === name)?.endpointKeys ?? [],
})

for (const transport of transports) {
  const endpoint = target?.endpoints[transport.name]
  assert.ok(endpoint !== undefined)
  const described = {
    ...transport,
    open: (...[at, session]: Parameters<typeof transport.open>) =>
      transport.open({ ...at, endpoint }, session),
  }
  suite(`${transport.label}, described`, { concurrency: 8 }, () => {
    deliveryConformance(described, startTestServer)
    resumeConformance(described, startTestServer)
  })
}
