/** How the parsers' tests feed them: any reads, all in one buffer, and each stream cut anyhow. */
import assert from 'node:assert/strict'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { WireError } from './wire-error.ts'

/** Cuts a stream into reads at the offsets. */
export function cut(stream: Buffer, ...offsets: number[]): Buffer[] {
  const places = [0, ...offsets.toSorted((a, b) => a - b), stream.length]
  return places.slice(1).map((to, index) => stream.subarray(places[index], to))
}

/**
 * Feeds reads that all arrive in one buffer, which is overwritten after each, as a worker's is. What
 * stands around a read is `stale`, so that a parser that looks outside its range is found out.
 * Returns the code of the error that ended it, or ''.
 */
export function feed(
  reads: readonly Buffer[],
  stale: Buffer,
  execute: (bytes: Buffer, start: number, end: number) => void,
): string {
  const longest = Math.max(0, ...reads.map((read) => read.length))
  const shared = Buffer.alloc(longest + 2 * stale.length)
  try {
    for (const read of reads) {
      const end = stale.length + read.length
      shared.fill(stale, 0, end + stale.length)
      read.copy(shared, stale.length)
      execute(shared, stale.length, end)
      shared.fill(stale, 0, end + stale.length)
    }
  } catch (error) {
    assert(error instanceof WireError)
    return error.code
  }
  return ''
}

/** What a parser makes of a stream, which must not depend on how the stream is cut into reads. */
export function parseAnyhow<Log>(stream: Buffer, parse: (reads: readonly Buffer[]) => Log): Log {
  const log = parse([stream])
  for (let at = 1; at < stream.length; at++) {
    assert.deepEqual(parse(cut(stream, at)), log, `cut at ${at}`)
  }
  const bytes = Array.from(stream, (byte) => Buffer.of(byte))
  assert.deepEqual(parse(bytes), log, 'byte by byte')
  return log
}

/** Bytes of buffers that are still referred to, after a garbage collection. */
export function heldBytes(): number {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  assert(typeof collect === 'function')
  // The first round leaves the freeing of buffers to another thread; the second waits for it.
  collect()
  collect()
  return process.memoryUsage().arrayBuffers
}
