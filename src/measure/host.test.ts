import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { hostUtilisation, readHostTime, readLocalPorts } from './host.ts'

describe("the host's processor time", () => {
  it('is a share of the time that went by', () => {
    const before = { busyMs: 100, totalMs: 1000 }
    assert.equal(hostUtilisation(before, { busyMs: 400, totalMs: 2000 }), 0.3)
    assert.equal(hostUtilisation(before, { busyMs: 100, totalMs: 2000 }), 0)
    assert.equal(hostUtilisation(before, { busyMs: 1100, totalMs: 2000 }), 1)
  })

  it('is unknown when no time went by', () => {
    const time = { busyMs: 100, totalMs: 1000 }
    assert.equal(hostUtilisation(time, time), null)
  })

  it('reads a busy part that is no larger than the whole', () => {
    const { busyMs, totalMs } = readHostTime()
    assert.ok(busyMs > 0 && busyMs <= totalMs)
  })
})

describe("the host's local ports", () => {
  const folder = mkdtempSync(join(tmpdir(), 'rtbench-ports-'))
  after(() => rmSync(folder, { recursive: true }))

  for (const [text, ports] of [
    ['32768\t60999\n', 28_232],
    ['1024 1024', 1],
    ['', null],
    ['60999 32768', null],
    ['none at all', null],
  ] as const) {
    it(`are ${ports} of ${JSON.stringify(text)}`, () => {
      const file = join(folder, 'range')
      writeFileSync(file, text)
      assert.equal(readLocalPorts(file), ports)
    })
  }

  it('are unknown where nothing tells them', () => {
    assert.equal(readLocalPorts(join(folder, 'missing')), null)
  })
})
