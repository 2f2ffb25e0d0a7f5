import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { RtbenchError } from '../error.ts'
import { type ProcessWish, planProcesses } from './process-plan.ts'

const wish: ProcessWish = {
  clients: 1000,
  instances: 'auto',
  workers: 'auto',
  openFilesLimit: 20_000,
  ownServer: true,
}

/** As Linux has them: 32768 to 60999. */
const PORTS = 28_232

function plan(
  changes: Partial<ProcessWish>,
  cores = 2,
  ports: number | null = PORTS,
): readonly [number, number] {
  const { workers, instances } = planProcesses({ ...wish, ...changes }, cores, ports)
  return [workers, instances]
}

function refusal(changes: Partial<ProcessWish>, ports = PORTS): RtbenchError {
  try {
    planProcesses({ ...wish, ...changes }, 2, ports)
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
    assert.deepEqual(plan({ clients: 1 }, 64), [1, 1])
  })

  it('has as many as the descriptors ask for', () => {
    // 20,000 less 256 to spare.
    assert.deepEqual(plan({ clients: 19_744 }), [1, 1])
    assert.deepEqual(plan({ clients: 19_745 }), [2, 2])
    assert.deepEqual(plan({ clients: 100_000 }), [6, 6])
  })

  it('has workers for the cores that the server leaves', () => {
    assert.deepEqual(plan({ clients: 10_000 }, 8), [4, 1])
    assert.deepEqual(plan({ clients: 100_000 }, 64), [40, 6])
    assert.deepEqual(plan({ clients: 10_000, instances: 4 }, 6), [2, 4])
  })

  it('takes what was asked for', () => {
    assert.deepEqual(plan({ workers: 3, instances: 2 }), [3, 2])
  })

  it('leaves the instances of a server that is not its own alone', () => {
    assert.deepEqual(plan({ clients: 50_000, ownServer: false }, 2, 64_000), [3, 1])
  })

  it('has as many instances as the local ports ask for', () => {
    const roomy = { openFilesLimit: 1_000_000, workers: 1 }
    // 28,232 less 256 to spare.
    assert.deepEqual(plan({ ...roomy, clients: 27_976 }), [1, 1])
    assert.deepEqual(plan({ ...roomy, clients: 27_977 }), [1, 2])
    assert.deepEqual(plan({ ...roomy, clients: 100_000 }), [1, 4])
    assert.deepEqual(plan({ ...roomy, clients: 20_000 }, 2, null), [1, 2])
  })

  it('refuses what the local ports cannot carry, and says what can', () => {
    const roomy = { openFilesLimit: 1_000_000, clients: 50_000 }
    const few = refusal({ ...roomy, instances: 1 })
    assert.equal(few.code, 'usage')
    assert.match(few.message, /^--instances 1 .*27976 local ports.*use --instances 2 or auto/)
    const elsewhere = refusal({ ...roomy, ownServer: false })
    assert.equal(elsewhere.code, 'cannot-run')
    assert.match(elsewhere.message, /27976 local ports.*fewer --clients/)
    assert.equal(refusal({}, 200).code, 'cannot-run')
  })

  it('assumes a usual limit where it cannot be read', () => {
    assert.deepEqual(plan({ clients: 8_000, openFilesLimit: null }), [2, 2])
  })

  it('tells its arithmetic in one line', () => {
    const { explanation } = planProcesses({ ...wish, clients: 100_000 }, 2, PORTS)
    for (const part of [
      '100000 clients',
      '19744 sockets',
      '27976 local ports',
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

  for (const openFilesLimit of [0, 100, 256]) {
    it(`refuses a machine whose processes may open ${openFilesLimit} files`, () => {
      const error = refusal({ openFilesLimit })
      assert.equal(error.code, 'cannot-run')
      assert.match(error.message, /ulimit -n/)
    })
  }

  it('always carries the clients', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.integer({ min: 257, max: 1_048_576 }),
        fc.integer({ min: 1, max: 128 }),
        fc.integer({ min: 257, max: 64_000 }),
        (clients, openFilesLimit, cores, ports) => {
          const { workers, instances } = planProcesses(
            { ...wish, clients, openFilesLimit },
            cores,
            ports,
          )
          assert.ok(Math.ceil(clients / instances) + 256 <= ports)
          for (const processes of [workers, instances]) {
            assert.ok(processes >= 1 && processes <= clients)
            assert.ok(Math.ceil(clients / processes) + 256 <= openFilesLimit)
          }
        },
      ),
    )
  })
})
