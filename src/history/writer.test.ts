import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { nowNs } from '../measure/clock.ts'
import { type HistoryRecord, parseRecord } from './record.ts'
import { ClientRecorder, Happening, NO_INSTANCE, PublishRecorder } from './recorder.ts'
import { HistoryFile, type RunHead, type RunHistory } from './writer.ts'

const HEAD: RunHead = {
  ...{ rtbench: '0', transport: 'sse', repetition: 1, clients: 4, channels: 2, instances: 1 },
  ...{ workload: 'chat', seed: 1, disrupted: false, startedAt: '2026-11-30T00:00:00Z' },
}
/** Streams from 10 on are those of clients, which have two channels. */
const SHAPE = {
  channelOf: (stream: number) => stream % 2,
  senderOf: (stream: number) => stream - 10,
  heardBy: (client: number) => client % 2,
}

async function written(
  context: TestContext,
  write: (history: RunHistory) => void,
  most?: number,
): Promise<{ readonly records: readonly HistoryRecord[]; readonly failure: string | null }> {
  const folder = mkdtempSync(join(tmpdir(), 'rtbench-history-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const file = await HistoryFile.open(join(folder, 'h.jsonl'), most)
  write(file.begin(HEAD, SHAPE))
  await file.close()
  const lines = readFileSync(file.path, 'utf8').trimEnd().split('\n')
  const records = lines.map((line) => parseRecord(line))
  for (const record of records) assert.equal(typeof record, 'object', String(record))
  return { records: records as HistoryRecord[], failure: file.failure }
}

test('what happens to clients is written in its order, with its texts', async (context) => {
  const recorder = new ClientRecorder(2, 2)
  recorder.opened(3, '')
  recorder.subscribed(3)
  recorder.delivery(3, 1, 7, nowNs(), 0)
  recorder.lost(3, 'closed')
  recorder.lost(3, 'ECONN"REFUSED')
  recorder.opened(3, 'rtbi_"1"_')
  recorder.note(Happening.gap, 3)
  recorder.subscribed(3)
  recorder.delivery(3, 13, 8, nowNs(), 0)
  recorder.delivery(3, 1, 9, nowNs(), nowNs() + 1e6)
  recorder.note(Happening.damaged, 3)
  recorder.note(Happening.left, 3)
  recorder.note(Happening.gone, 2)
  const { records } = await written(context, (history) => {
    history.batch({ clients: recorder.take(), publishes: null })
    history.batch({ clients: recorder.take(), publishes: null })
  })
  const told = records.slice(1).map((record) => {
    const { atUs, ...rest } = record as { atUs: number }
    assert.ok(atUs >= 0)
    return rest
  })
  const client = 3
  assert.deepEqual(told, [
    { is: 'open', client },
    { is: 'subscribed', channel: 1, client },
    { is: 'delivery', channel: 1, sequence: 7, client },
    { is: 'lost', client, cause: 'closed' },
    { is: 'lost', client, cause: 'ECONN"REFUSED' },
    { is: 'open', client, cursor: 'rtbi_"1"_' },
    { is: 'gap', client },
    { is: 'subscribed', channel: 1, client },
    { is: 'delivery', channel: 1, from: 3, sequence: 8, client, replay: true },
    { is: 'delivery', channel: 1, sequence: 9, client },
    { is: 'stray', client, kind: 'damaged' },
    { is: 'left', client, subscribed: true },
    { is: 'left', client: 2, subscribed: false },
  ])
})

test('publishes, the window, disruptions and the end are written', async (context) => {
  const recorder = new PublishRecorder()
  const now = Math.ceil(nowNs() / 1e3 + 1e6) * 1e3
  const event = { stream: 1, sequence: 1, instance: 2, intendedAtNs: now, sentAtNs: now + 4_000 }
  recorder.settled(event, 'accepted', null)
  recorder.settled({ ...event, stream: 12, instance: NO_INSTANCE }, 'dropped', 'http-503')
  recorder.settled({ ...event, sequence: 2 }, 'unknown', 'closed')
  const end = { complete: true, drained: false, counts: null }
  const { records } = await written(context, (history) => {
    history.window({ startNs: now, endNs: now + 1e9 })
    history.batch({ clients: null, publishes: recorder.take() })
    history.disruption({ atNs: now, untilNs: now + 2e9 }, { kind: 'stop-instance', instance: 1 })
    history.end(end)
  })
  const [run, window, first, second, third, disruption, last] = records
  assert.deepEqual(run, { is: 'run', history: 1, ...HEAD })
  assert.ok(window?.is === 'window' && window.toUs - window.fromUs === 1e6)
  const atUs = window.fromUs
  const told = { is: 'publish', channel: 1, sequence: 1, intendedUs: atUs, sentUs: atUs + 4 }
  const without = (record: HistoryRecord | undefined): object => {
    const { settledUs, ...rest } = record as { settledUs: number }
    assert.ok(settledUs >= 0)
    return rest
  }
  assert.deepEqual(without(first), { ...told, fate: 'acknowledged', by: 2 })
  assert.deepEqual(without(second), {
    ...{ ...told, channel: 0, from: 2 },
    ...{ fate: 'refused', cause: 'http-503' },
  })
  assert.deepEqual(without(third), {
    ...{ ...told, sequence: 2, fate: 'unknown' },
    ...{ cause: 'closed', by: 2 },
  })
  assert.deepEqual(disruption, {
    ...{ is: 'disruption', atUs, untilUs: atUs + 2e6 },
    ...{ kind: 'stop-instance', instance: 1 },
  })
  assert.ok(last?.is === 'end')
  assert.deepEqual({ ...last, atUs: 0 }, { is: 'end', atUs: 0, ...end })
})

test('many more than a buffer holds are written, none twice', async (context) => {
  const recorder = new ClientRecorder(0, 4)
  let full = 0
  const { records } = await written(context, (history) => {
    for (let sequence = 1; sequence <= 100_000; sequence++) {
      recorder.delivery(sequence % 4, 1, sequence, nowNs(), 0)
      if (!recorder.isFull) continue
      full++
      history.batch({ clients: recorder.take(), publishes: null })
    }
    history.batch({ clients: recorder.take(), publishes: null })
  })
  assert.equal(full, 6)
  const sequences = records.flatMap((record) => (record.is === 'delivery' ? record.sequence : []))
  assert.deepEqual(
    sequences,
    Array.from({ length: 100_000 }, (_, index) => index + 1),
  )
})

test('a disk that does not keep up is given up, and said', async (context) => {
  const recorder = new ClientRecorder(0, 4)
  const { failure } = await written(
    context,
    (history) => {
      for (let sequence = 1; sequence <= 1_000; sequence++)
        recorder.delivery(0, 1, sequence, nowNs(), 0)
      history.batch({ clients: recorder.take(), publishes: null })
    },
    10_000,
  )
  assert.match(failure ?? '', /the history is not whole: the disk does not keep up/)
})

test('a disk that is full is said', async () => {
  const file = await HistoryFile.open('/dev/full')
  file.begin(HEAD, SHAPE)
  await file.close()
  assert.match(file.failure ?? '', /^\/dev\/full: the history is not whole: ENOSPC/)
})

test('a place where nothing can be written is a wrong flag', async () => {
  await assert.rejects(HistoryFile.open('/nowhere/h.jsonl'), {
    code: 'usage',
    message: /^--history: \/nowhere\/h\.jsonl cannot be written: ENOENT.*; name another file$/,
  })
})
