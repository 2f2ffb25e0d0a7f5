import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connection } from './connection.ts'

const USUAL = {
  instances: 1,
  backplane: 'memory',
  routing: 'broadcast',
  namespace: 'rtbench',
} as const

test('reads how many instances there are and what connects them', () => {
  assert.deepEqual(connection({}, {}), USUAL)
  assert.deepEqual(connection({}, { RTBENCH_BACKPLANE: 'none' }), { ...USUAL, backplane: 'none' })
  const flags = { instances: '3', backplane: 'memory', busRouting: 'by-channel', port: '65533' }
  assert.deepEqual(connection(flags, { RTBENCH_BACKPLANE: 'none' }), {
    ...USUAL,
    instances: 3,
    routing: 'by-channel',
  })
  assert.equal(connection({ instances: '1024', port: '0' }, {}).instances, 1024)
})

test('refuses what cannot be, in a line without a password', () => {
  for (const [flags, line] of [
    [
      { instances: '0' },
      /^--instances: 0 is out of bounds; expected a whole number from 1 to 1024$/,
    ],
    [{ instances: '1025' }, /^--instances: /],
    [{ instances: 'auto' }, /^--instances: /],
    [{ instances: '3', port: '65534' }, /^--instances: 3 from --port 65534 on end at port 65536; /],
    [
      { backplane: 'memry' },
      /^--backplane: memry is no backplane, did you mean memory\?; expected /,
    ],
    [{ backplane: 'memory:///tmp/bus' }, /^--backplane: /],
    [{ backplane: 'amqp://me:s3cret@a' }, /^--backplane: .*has the scheme amqp/],
    [{ busRouting: 'all' }, /^--bus-routing: all is no routing of this backplane; expected /],
  ] as const) {
    assert.throws(
      () => connection(flags, {}),
      (error: Error & { code?: string }) => {
        assert.equal(error.code, 'usage')
        assert.match(error.message, line)
        assert.doesNotMatch(error.message, /s3cret|\n/)
        return true
      },
    )
  }
})
