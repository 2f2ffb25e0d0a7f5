import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { RtbenchError } from '../error.ts'
import { type Machine, type ProcessWish, planProcesses } from './process-plan.ts'

const wish: ProcessWish = {
  clients: 1000,
  instances: 'auto',
  workers: 'auto',
  openFilesLimit: 20_000,
  ownServer: true,
}

/** As Linux has them: 32768 to 60999. */
const PORTS = 28_232

const MACHINE: Machine = { cores: 2, localPorts: PORTS, availableBytes: 24e9 }

function plan(
  changes: Partial<ProcessWish>,
  machine: Partial<Machine> = {},
): readonly [number, number] {
  const { workers, instances } = planProcesses({ ...wish, ...changes }, { ...MACHINE, ...machine })
  return [workers, instances]
}

function refusal(changes: Partial<ProcessWish>, machine: Partial<Machine> = {}): RtbenchError {
  try {
    planProcesses({ ...wish, ...changes }, { ...MACHINE, ...machine })
  } catch (error) {
    assert.ok(error instanceof RtbenchError)
    assert.ok(!error.message.includes('\n'))
    return error
  }
  return assert.fail('it was not refused')
}

describe('the plan of processes', () => {
  it('is one of each for few clients', () => {
    assert.deepEqual(plan({}), [1, 1])
    assert.deepEqual(plan({ clients: 1 }, { cores: 64 }), [1, 1])
  })

  it('gives a front as many ports as its clients need, and each of its clients two descriptors', () => {
    const frontPorts = (changes: Partial<ProcessWish>): number =>
      planProcesses({ ...wish, ...changes }, MACHINE).frontPorts
    assert.equal(frontPorts({}), 0)
    assert.equal(frontPorts({ front: 'nginx' }), 1)
    assert.equal(frontPorts({ front: 'nginx', clients: 40_000, openFilesLimit: 200_000 }), 3)
    assert.match(
      planProcesses({ ...wish, front: 'nginx' }, MACHINE).explanation,
      /nginx before them/,
    )
    assert.match(
      refusal({ front: 'haproxy', clients: 10_000 }).message,
      /^haproxy takes 2 sockets for each of 10,000 clients, .*about 8,9\d\d --clients or raise/,
    )
  })

  it('has as many as the descriptors ask for', () => {
    // 20,000 less 256 to spare.
    assert.deepEqual(plan({ clients: 19_744 }), [1, 1])
    assert.deepEqual(plan({ clients: 19_745 }), [2, 2])
    assert.deepEqual(plan({ clients: 100_000 }), [6, 6])
  })

  it('has workers for the cores that the server leaves', () => {
    assert.deepEqual(plan({ clients: 10_000 }, { cores: 8 }), [4, 1])
    assert.deepEqual(plan({ clients: 100_000 }, { cores: 64 }), [40, 6])
    assert.deepEqual(plan({ clients: 10_000, instances: 4 }, { cores: 6 }), [2, 4])
  })

  it('takes what was asked for', () => {
    assert.deepEqual(plan({ workers: 3, instances: 2 }), [3, 2])
  })

  it('leaves the instances of a server that is not its own alone', () => {
    assert.deepEqual(plan({ clients: 50_000, ownServer: false }, { localPorts: 64_000 }), [3, 1])
    const { explanation } = planProcesses({ ...wish, ownServer: false }, MACHINE)
    assert.doesNotMatch(explanation, /instance/)
    assert.match(planProcesses(wish, MACHINE).explanation, / workers?, \d+ server instances?, /)
  })

  it('has as many ports as keep each in the half that is given out first', () => {
    const roomy = { openFilesLimit: 1_000_000, instances: 1, workers: 1 }
    const portsOf = (changes: Partial<ProcessWish>, localPorts: number | null = PORTS): number =>
      planProcesses({ ...wish, ...roomy, ...changes }, { ...MACHINE, localPorts }).portsPerInstance
    // 28,232 less 256 to spare, and of that a half.
    assert.equal(portsOf({ clients: 13_988 }), 1)
    assert.equal(portsOf({ clients: 13_989 }), 2)
    assert.equal(portsOf({ clients: 13_989, instances: 2 }), 1)
    assert.equal(portsOf({ clients: 100_000 }), 8)
    assert.equal(portsOf({ clients: 20_000 }, null), 3)
    assert.equal(portsOf({ clients: 50_000, ownServer: false }, 64_000), 1)
  })

  it('refuses what the local ports cannot carry, and says what can', () => {
    const elsewhere = refusal({ openFilesLimit: 1_000_000, clients: 50_000, ownServer: false })
    assert.equal(elsewhere.code, 'cannot-run')
    assert.match(elsewhere.message, /27,976 local ports.*fewer --clients/)
    assert.equal(refusal({}, { localPorts: 200 }).code, 'cannot-run')
  })

  it('refuses what the memory cannot carry, and says what can', () => {
    const roomy = { clients: 500_000 }
    const { code, message } = refusal(roomy, { availableBytes: 4e9 })
    assert.equal(code, 'cannot-run')
    const fits = Number(
      /4\.0 GB to spare; use about ([\d,]+) --clients/.exec(message)?.[1]?.replace(',', ''),
    )
    assert.ok(fits > 100_000 && fits < 250_000, message)
    plan({ clients: fits }, { availableBytes: 4e9 })
    // Without the server's side there is room for more.
    plan({ clients: 60_000, ownServer: false }, { availableBytes: 1e9, localPorts: 64_000 })
    refusal({ clients: 60_000 }, { availableBytes: 1e9 })
    plan({ clients: 10_000_000 }, { availableBytes: null })
  })

  it('names the processes where it was these that were asked for', () => {
    const many = { clients: 1_000, instances: 900 }
    assert.match(
      refusal(many, { availableBytes: 4e9 }).message,
      /; use fewer --instances or a larger/,
    )
    assert.match(
      refusal({ ...many, openFilesLimit: 1_024 }).message,
      /; use fewer --instances, or raise/,
    )
    const workers = { clients: 1_000, workers: 900 }
    assert.match(
      refusal(workers, { availableBytes: 4e9 }).message,
      /; use fewer --workers or a larger/,
    )
  })

  it('assumes a usual limit where it cannot be read', () => {
    assert.deepEqual(plan({ clients: 8_000, openFilesLimit: null }), [2, 2])
  })

  it('tells its arithmetic in one line', () => {
    const { explanation } = planProcesses({ ...wish, clients: 100_000 }, MACHINE)
    for (const part of [
      '100,000 clients',
      '19,744 sockets',
      '2 ports each for 27,976 local ones',
      '3.2 GB of 24 GB',
      '2 cores',
      '6 worker',
      '6 server',
    ]) {
      assert.ok(explanation.includes(part), explanation)
    }
    assert.ok(!explanation.includes('\n'))
  })

  it('refuses what cannot hold the clients, and says what can', () => {
    for (const what of ['workers', 'instances'] as const) {
      const error = refusal({ clients: 50_000, [what]: 2 })
      assert.equal(error.code, 'usage')
      assert.match(error.message, new RegExp(`^--${what} 2 .*use --${what} 3 or auto`))
    }
  })

  it('refuses more workers than clients', () => {
    assert.match(
      refusal({ clients: 3, workers: 4 }).message,
      /--workers 4 is more than --clients 3/,
    )
  })

  it('leaves a quarter of few descriptors to what is no client, and no fewer than that takes', () => {
    for (const [openFilesLimit, perProcess] of [
      [65, 1],
      [128, 64],
      [256, 192],
      [512, 384],
      [1_024, 768],
      [4_096, 3_840],
    ] as const) {
      const roomy = { openFilesLimit, workers: 1, instances: 1 }
      assert.match(refusal({ clients: perProcess + 1, ...roomy }).message, /descriptors to spare/)
      if (openFilesLimit > 65) assert.deepEqual(plan({ clients: perProcess, ...roomy }), [1, 1])
    }
    assert.deepEqual(plan({ clients: 100, openFilesLimit: 256 }), [1, 1])
    assert.deepEqual(plan({ clients: 1_000, openFilesLimit: 256 }), [6, 6])
  })

  it('refuses more processes than the one that starts them can, and says what can', () => {
    const few = { openFilesLimit: 128 }
    const { code, message } = refusal({ clients: 2_000, ...few })
    assert.equal(code, 'cannot-run')
    const fits = Number(
      /64 processes, .* 128 files can start 32; use about ([\d,]+) --clients/
        .exec(message)?.[1]
        ?.replace(',', ''),
    )
    assert.equal(fits, 1_000)
    assert.deepEqual(plan({ clients: fits, ...few }), [16, 16])
    assert.match(refusal({ clients: 1, openFilesLimit: 65 }).message, /start 0; raise the limit/)
  })

  for (const openFilesLimit of [0, 32, 64]) {
    it(`refuses a machine whose processes may open ${openFilesLimit} files`, () => {
      const error = refusal({ openFilesLimit })
      assert.equal(error.code, 'cannot-run')
      assert.match(error.message, /ulimit -n/)
    })
  }

  it('always carries the clients', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20_000 }),
        fc.oneof(fc.integer({ min: 480, max: 2_000 }), fc.integer({ min: 480, max: 1_048_576 })),
        fc.integer({ min: 1, max: 128 }),
        fc.integer({ min: 257, max: 64_000 }),
        (clients, openFilesLimit, cores, ports) => {
          const { workers, instances, portsPerInstance } = planProcesses(
            { ...wish, clients, openFilesLimit },
            { cores, localPorts: ports, availableBytes: null },
          )
          assert.ok(Math.ceil(clients / instances / portsPerInstance) + 256 <= ports)
          for (const processes of [workers, instances]) {
            assert.ok(processes >= 1 && processes <= clients)
            const spare = Math.min(256, Math.floor(openFilesLimit / 4))
            assert.ok(Math.ceil(clients / processes) + spare <= openFilesLimit)
          }
          assert.ok(64 + 2 * (workers + instances) <= openFilesLimit)
        },
      ),
    )
  })
})
