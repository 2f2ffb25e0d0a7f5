import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { assertRefused, run } from './command.conformance.ts'

describe('doctor', () => {
  it('examines this very machine', async (context) => {
    const { code, stdout, stderr } = await run(context, ['doctor', '--clients', '10', '--json'])
    assert.equal(stderr, '')
    const { outcome, findings, reading, clients } = JSON.parse(stdout)
    assert.equal(code, outcome === 'fail' ? 1 : 0)
    assert.equal(clients, 10)
    assert.equal(reading.node, process.versions.node)
    assert.ok(reading.clock.costNs > 0 && reading.clock.stepNs > 0)
    assert.ok(findings.length >= 15)
    if (process.platform !== 'linux') return
    for (const key of ['openFiles', 'systemFiles', 'localPorts', 'timeWait', 'listenQueue']) {
      assert.notEqual(reading[key], null, key)
    }
  })

  it('fails for a crowd that no machine holds', async (context) => {
    const { code, stdout } = await run(context, ['doctor', '--clients', '10M'])
    assert.equal(code, 1)
    assert.match(stdout, /^✗ fail {4}Clients /m)
  })

  it('refuses a crowd that is none', async (context) => {
    const args = ['doctor', '--clients', 'many']
    assertRefused(await run(context, args), 2, /--clients: "many" is not a count; expected a count/)
    assertRefused(await run(context, ['doctor', '--clients', '0']), 2, /out of bounds/)
  })
})
