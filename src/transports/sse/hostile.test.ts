/** Event streams that mean harm; what any HTTP server can do is in hostile.conformance.ts. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { endless } from '../hostile.conformance.ts'
import { marked, type RecordingSession, until } from '../session.conformance.ts'
import { listen, visit } from '../visit.conformance.ts'
import { SseClient } from './client.ts'

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n'
const MIB = 1024 * 1024

/** A client at a server that sends the stream's first text, and the piece without end. */
async function source(
  context: TestContext,
  first: string,
  piece: string,
): Promise<RecordingSession> {
  const server = await listen(context, ({ socket }) => endless(HEAD + first, piece)(socket))
  return visit(context, server, (target, session) => new SseClient(target, session))
}

for (const [name, first, piece, cause] of [
  ['a line without end', '', 'x', 'sse-line-too-long'],
  ['a comment without end', ':', 'x', 'sse-line-too-long'],
  ['an event without end', '', 'data: x\n', 'sse-event-too-large'],
  ['empty lines of data without end', '', 'data\n', 'sse-event-too-large'],
  ['an id too long to be sent back', `id: ${'x'.repeat(1025)}\n`, '\n', 'cursor-too-long'],
] as const) {
  test(`leaves a server that sends ${name}`, async (context) => {
    const before = process.memoryUsage().arrayBuffers
    const session = await source(context, first, piece)
    await until(() => session.cuts.length > 0, 'the cut')
    assert.equal(session.cuts[0], cause)
    assert.deepEqual(session.sequences, [])
    assert(session.reader.bytesReceived < 16 * MIB, `${session.reader.bytesReceived} bytes read`)
    const held = process.memoryUsage().arrayBuffers - before
    assert(held < 32 * MIB, `${held} bytes held`)
  })
}

test('a million fields that mean nothing cost nothing', async (context) => {
  const server = await listen(context, (_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' })
    response.write('x: y\n'.repeat(1_000_000))
    response.write(`data: ${marked(1)}\n\n`)
  })
  const session = visit(context, server, (target, it) => new SseClient(target, it))
  await until(() => session.sequences.length === 1, 'the event after them')
  assert.deepEqual([session.payloads, session.cuts], [[marked(1)], []])
})
