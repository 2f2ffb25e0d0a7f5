import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { RtbenchError } from '../error.ts'
import { readScenarioFile } from './load.ts'
import { resolveScenario, usualResolution } from './usual.conformance.ts'

const { transportNames } = usualResolution
const samples = fileURLToPath(new URL('../../scenarios/', import.meta.url))

async function messageOf(path: string): Promise<string> {
  try {
    await readScenarioFile(path)
  } catch (error) {
    assert.ok(error instanceof RtbenchError)
    assert.equal(error.code, 'usage')
    return error.message
  }
  return 'was read'
}

describe('readScenarioFile', () => {
  let folder = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rtbench-scenario-'))
  })
  after(() => rm(folder, { recursive: true }))

  async function written(name: string, content: string | Uint8Array): Promise<string> {
    const path = join(folder, name)
    await writeFile(path, content)
    return path
  }

  it('reads YAML and JSON, with or without a byte order mark', async () => {
    for (const text of [
      'clients: 5',
      '{\n\t"clients": 5\n}',
      '\ufeffclients: 5',
      'clients: 5\r\n',
    ]) {
      const layer = await readScenarioFile(await written('my load.yaml', text))
      assert.deepEqual(layer.values, { clients: 5 })
      assert.equal(layer.fallbackName, 'my-load')
    }
  })

  it('tells a missing file, and one of nearly that name', async () => {
    await written('broadcast.yaml', 'clients: 1')
    const near = await messageOf(join(folder, 'brodcast.yaml'))
    assert.match(near, /brodcast\.yaml: no such file, did you mean .*broadcast\.yaml\?; expected /)
    assert.match(await messageOf(join(folder, 'no', 'x.yaml')), /x\.yaml: no such file; expected /)
  })

  it('tells a folder', async () => {
    assert.match(await messageOf(folder), /: a folder; expected a scenario file/)
  })

  it('tells a file that is too large', async () => {
    const path = await written('big.yaml', '#'.repeat(2 ** 20 + 1))
    assert.match(await messageOf(path), /big\.yaml: larger than 1 MiB; expected /)
    assert.match(await messageOf(await written('edge.yaml', '#'.repeat(2 ** 20))), /nothing in/)
  })

  it('tells where a file is not UTF-8', async () => {
    const latin1 = await written('latin1.yaml', Buffer.from('clients: 1\nname: Käse\n', 'latin1'))
    assert.match(await messageOf(latin1), /latin1\.yaml:2:8: not UTF-8; expected /)
    const wide = await written('wide.yaml', Buffer.from('\ufeffclients: 1', 'utf16le'))
    assert.match(await messageOf(wide), /wide\.yaml:1:1: not UTF-8/)
    const cut = await written('cut.yaml', Buffer.from('name: ä').subarray(0, -1))
    assert.match(await messageOf(cut), /cut\.yaml:1:7: not UTF-8/)
  })
})

describe('the sample scenarios', () => {
  async function sample(name: string) {
    const layer = await readScenarioFile(join(samples, `${name}.yaml`))
    return resolveScenario([layer])
  }

  it('all load, named after their files and described', async () => {
    const entries = await readdir(samples, { recursive: true })
    const files = entries.filter((entry) => entry.endsWith('.yaml'))
    assert.ok(files.length >= 7)
    for (const file of files) {
      const scenario = await sample(file.replace(/\.yaml$/, ''))
      assert.equal(`${scenario.name}.yaml`, basename(file))
      assert.notEqual(scenario.description, '')
    }
  })

  it('notifications: a short poller finds 99 % of its answers empty', async () => {
    const { transports, clients, channels, rate, intervalMs } = await sample('notifications')
    assert.deepEqual(transports, transportNames)
    assert.equal(clients, 10_000)
    assert.equal(channels, 'per-client')
    assert.equal(Math.exp((-rate * intervalMs) / 1000).toFixed(2), '0.99')
  })

  it('broadcast: one channel, evenly spaced', async () => {
    const { channels, rate, arrivals } = await sample('broadcast')
    assert.deepEqual({ channels, rate, arrivals }, { channels: 1, rate: 2, arrivals: 'constant' })
  })

  it('idle-hold: publishes nothing', async () => {
    const { rate, clients } = await sample('idle-hold')
    assert.deepEqual({ rate, clients }, { rate: 0, clients: 10_000 })
  })

  it('nchan: somebody else’s server, with less than an event for each poll', async () => {
    const { target, transports, rate, intervalMs } = await sample('nchan')
    assert.deepEqual(Object.keys(target?.endpoints ?? {}), transportNames)
    assert.deepEqual(transports, transportNames)
    assert.ok((rate * intervalMs) / 1000 < 0.5)
  })

  it('ci-smoke: all transports in some seconds, reproducibly', async () => {
    const { transports, durationMs, warmupMs, seed } = await sample('ci-smoke')
    assert.equal(transports.length, 4)
    assert.ok(durationMs + warmupMs <= 3000)
    assert.equal(seed, 1)
  })
})
