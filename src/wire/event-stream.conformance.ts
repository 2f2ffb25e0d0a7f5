/** What the event stream's tests share: a log of what a parser tells, and an oracle for it. */
import { EventStreamParser } from './event-stream.ts'
import { feed } from './reads.conformance.ts'

export interface Log {
  /** Type, last event id, data. */
  events: [string, string, string][]
  retries: number[]
  comments: number
  lastEventId: string
  error: string
}

const STALE = Buffer.from('\n\r\ndata: stale\n\n')

/** What our parser makes of the reads. */
export function parse(reads: readonly Buffer[], maxEventBytes?: number): Log {
  const log: Log = { events: [], retries: [], comments: 0, lastEventId: '', error: '' }
  const parser = new EventStreamParser(
    {
      onEvent: (bytes, start, end, { eventType, lastEventId }) =>
        log.events.push([eventType, lastEventId, bytes.toString('utf8', start, end)]),
      onRetry: (milliseconds) => log.retries.push(milliseconds),
      onComment: () => log.comments++,
    },
    maxEventBytes,
  )
  log.error = feed(reads, STALE, (bytes, start, end) => parser.execute(bytes, start, end))
  log.lastEventId = parser.lastEventId
  return log
}

/** The standard's own words, 9.2.6, over the whole decoded text. */
export function standard(stream: Buffer): Log {
  const log: Log = { events: [], retries: [], comments: 0, lastEventId: '', error: '' }
  const lines = new TextDecoder().decode(stream).split(/\r\n|\r|\n/)
  let [type, id, data] = ['', '', '']
  for (const line of lines.slice(0, -1)) {
    if (line === '') {
      log.lastEventId = id
      if (data !== '') log.events.push([type, id, data.replace(/\n$/, '')])
      data = ''
      type = ''
      continue
    }
    const [, field = '', value = ''] = /^([^:]*)(?:: ?)?(.*)$/s.exec(line) ?? []
    if (line.startsWith(':')) log.comments++
    else if (field === 'event') type = value
    else if (field === 'data') data += `${value}\n`
    else if (field === 'id' && !value.includes('\0')) id = value
    else if (field === 'retry' && /^\d+$/.test(value) && Number.isFinite(Number(value))) {
      log.retries.push(Number(value))
    }
  }
  return log
}
