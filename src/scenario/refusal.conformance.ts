/** What the tests of scenarios ask of every refusal. */
import assert from 'node:assert/strict'
import { RtbenchError } from '../error.ts'

/** The lines by which a scenario was refused, all of them rtbench's own words. */
export function linesOf(run: () => unknown): readonly string[] {
  try {
    run()
  } catch (error) {
    assert.ok(error instanceof RtbenchError, String(error))
    assert.equal(error.code, 'usage')
    // What was given is quoted, and may be any words.
    const own = error.message.replace(/"[^"\n]*"/g, '')
    assert.doesNotMatch(own, /invalid input|zod|undefined|\[object/i)
    return error.message.split('\n')
  }
  return ['was accepted']
}
