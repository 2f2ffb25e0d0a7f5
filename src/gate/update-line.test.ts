import assert from 'node:assert/strict'
import { test } from 'node:test'
import { updateLine } from './update-line.ts'

test('measures the baseline by the flags that were given', () => {
  const flags = { baseline: 'my baselines', url: 'http://127.0.0.1:8090/a?b=1', repeat: '5' }
  assert.equal(
    updateLine({ file: 'push.yaml' }, { ...flags, only: 'deterministic', junit: 'junit.xml' }),
    "rtbench ci push.yaml --baseline 'my baselines' --update-baseline --url 'http://127.0.0.1:8090/a?b=1' --only deterministic --repeat 5",
  )
  assert.equal(
    updateLine({ file: 'push.yaml' }, { baseline: 'baselines', serve: 'node a.js {port}' }),
    "rtbench ci push.yaml --baseline baselines --update-baseline --serve 'node a.js {port}'",
  )
})
