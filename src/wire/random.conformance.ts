/** What the differential tests share: seeds that are told, any reads, and streams that were harmed. */
import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import type { TestContext } from 'node:test'
import fc from 'fast-check'
import { cut } from './reads.conformance.ts'

/** What repeats a property's runs. */
export interface Runs {
  readonly seed: number
  readonly numRuns: number
}

/**
 * So many runs from a new seed, or what `FUZZ_RUNS` and `FUZZ_SEED` say. Both are printed whatever
 * comes of the test, as they are to be given to repeat it.
 */
export function runs(context: TestContext, byDefault: number): Runs {
  const numRuns = given('FUZZ_RUNS') ?? byDefault
  const seed = given('FUZZ_SEED') ?? randomInt(2 ** 31)
  context.diagnostic(`${context.name}: FUZZ_SEED=${seed} FUZZ_RUNS=${numRuns}`)
  return { seed, numRuns }
}

function given(name: string): number | null {
  const text = process.env[name] ?? ''
  if (text === '') return null
  const value = Number(text)
  assert(Number.isInteger(value) && value >= 0 && value < 2 ** 31, `${name} is no count: ${text}`)
  return value
}

/** Streams that are cut into up to 13 reads, empty ones among them. */
export function inReads(streams: fc.Arbitrary<Buffer>): fc.Arbitrary<readonly Buffer[]> {
  return fc
    .tuple(streams, fc.array(fc.nat(), { maxLength: 12 }))
    .map(([stream, cuts]) => cut(stream, ...cuts.map((at) => at % (stream.length + 1))))
}

/** Streams that have lost some bytes in up to three places, or their end, and got others. */
export function harmed(
  streams: fc.Arbitrary<Buffer>,
  added: fc.Arbitrary<Buffer>,
): fc.Arbitrary<Buffer> {
  const lost = fc.oneof({ weight: 12, arbitrary: fc.nat(2) }, fc.constant(Number.MAX_SAFE_INTEGER))
  const harms = fc.array(fc.tuple(fc.nat(), lost, added), { minLength: 1, maxLength: 3 })
  return fc.tuple(streams, harms).map(([stream, places]) => {
    let bytes = stream
    for (const [place, removed, insert] of places) {
      const at = place % (bytes.length + 1)
      bytes = Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + removed)])
    }
    return bytes
  })
}
