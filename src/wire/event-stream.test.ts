import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Log, parse, standard } from './event-stream.conformance.ts'
import { parseAnyhow } from './reads.conformance.ts'

describe('rules of the standard, whole and cut at every byte', () => {
  const cases: [name: string, stream: string | Buffer, expected: Partial<Log>][] = [
    ['nothing', '', {}],
    ['one event', 'data: a\n\n', { events: [['', '', 'a']] }],
    [
      'type, id and data',
      'event: x\nid: 7\ndata: a b\n\n',
      { events: [['x', '7', 'a b']], lastEventId: '7' },
    ],
    [
      'several events in one read',
      'data: a\n\nid: 1\ndata: b\n\ndata: c\nevent: t\n\n',
      {
        events: [
          ['', '', 'a'],
          ['', '1', 'b'],
          ['t', '1', 'c'],
        ],
        lastEventId: '1',
      },
    ],
    ['lines joined by LF', 'data: a\ndata:\ndata: c\n\n', { events: [['', '', 'a\n\nc']] }],
    [
      'lines joined whatever stands between',
      'data: a\nid: 1\n:\nx: y\ndata: b\n\n',
      { events: [['', '1', 'a\nb']], comments: 1, lastEventId: '1' },
    ],
    ['CRLF', 'event: x\r\ndata: a\r\ndata: b\r\n\r\n', { events: [['x', '', 'a\nb']] }],
    ['CR', 'event: x\rdata: a\rdata: b\r\r', { events: [['x', '', 'a\nb']] }],
    [
      'mixed terminators',
      'data: a\r\n\ndata: b\n\rdata: c\r\r\n\ndata: d\r\n\r\n',
      {
        events: [
          ['', '', 'a'],
          ['', '', 'b'],
          ['', '', 'c'],
          ['', '', 'd'],
        ],
      },
    ],
    ['byte order mark', '\ufeffdata: a\n\n', { events: [['', '', 'a']] }],
    ['byte order mark only once', '\ufeff\ufeffdata: a\n\n', {}],
    ['byte order mark only at the start', 'x\n\ufeffdata: a\n\n', {}],
    ['half a byte order mark', Buffer.from('\xef\xbbdata: a\n\n', 'latin1'), {}],
    [
      'half a byte order mark, then a line',
      Buffer.from('\xef\ndata: a\n\n', 'latin1'),
      { events: [['', '', 'a']] },
    ],
    [
      'UTF-8',
      'event: Ωx\nid: é\ndata: €💥\n\n',
      { events: [['Ωx', 'é', '€💥']], lastEventId: 'é' },
    ],
    [
      'invalid UTF-8 in an id',
      Buffer.from('id: \xff\xe2\x82\ndata: a\n\n', 'latin1'),
      { events: [['', '\ufffd\ufffd', 'a']], lastEventId: '\ufffd\ufffd' },
    ],
    [
      'field without colon',
      'data\n\ndata\ndata\n\n',
      {
        events: [
          ['', '', ''],
          ['', '', '\n'],
        ],
      },
    ],
    [
      'one leading space removed',
      'data:  a\n\ndata:a\n\ndata:\ta\n\n',
      {
        events: [
          ['', '', ' a'],
          ['', '', 'a'],
          ['', '', '\ta'],
        ],
      },
    ],
    ['value of one space', 'data: \n\n', { events: [['', '', '']] }],
    ['colons in values', 'data: a:b: c\n\n', { events: [['', '', 'a:b: c']] }],
    [
      'unknown fields',
      'dat: a\ndatax: a\nDATA: a\n data: a\nx\ni\ne\nr\nidx: 1\neventual: 1\nretryx: 1\n\n',
      {},
    ],
    ['comments', ':\n: a\n:data: a\n\n', { comments: 3 }],
    ['no event without data', 'event: x\n\ndata: a\n\n', { events: [['', '', 'a']] }],
    ['id of a block without data', 'id: 3\n\n', { lastEventId: '3' }],
    ['incomplete last event', 'data: a\n\nid: 2\ndata: b\n', { events: [['', '', 'a']] }],
    ['incomplete last line', 'data: a\n\ndata: b', { events: [['', '', 'a']] }],
    [
      'id with NULL',
      'id: 1\n\nid: a\0b\ndata: a\n\n',
      { events: [['', '1', 'a']], lastEventId: '1' },
    ],
    [
      'empty id',
      'id: 1\ndata: a\n\nid:\ndata: b\n\n',
      {
        events: [
          ['', '1', 'a'],
          ['', '', 'b'],
        ],
      },
    ],
    ['id without colon', 'id: 1\n\nid\n\n', {}],
    [
      'last id of a block',
      'id: 1\nid: 2\ndata: a\n\n',
      { events: [['', '2', 'a']], lastEventId: '2' },
    ],
    ['empty type', 'event: x\nevent:\ndata: a\n\n', { events: [['', '', 'a']] }],
    ['retry', 'retry: 0\nretry:007\nretry: 1000000000000000\n', { retries: [0, 7, 1e15] }],
    [
      'retry that is no number',
      'retry\nretry:\nretry: \nretry: -1\nretry: 1.5\nretry: 1e3\nretry:  5\nretry: 5 \nretry: ٣\n',
      {},
    ],
    [
      'retry beyond numbers',
      `retry: ${'9'.repeat(400)}\nretry: ${'0'.repeat(400)}5\n`,
      { retries: [5] },
    ],
    ['NULL in data', 'data: a\0b\n\n', { events: [['', '', 'a\0b']] }],
    [
      'control characters end no line',
      'data: a\x0b\x0c\x85b\u2028\n\n',
      { events: [['', '', 'a\x0b\x0c\x85b\u2028']] },
    ],
  ]
  for (const [name, stream, expected] of cases) {
    test(name, () => {
      const bytes = Buffer.from(stream)
      const log = parseAnyhow(bytes, parse)
      const nothing: Log = { events: [], retries: [], comments: 0, lastEventId: '', error: '' }
      assert.deepEqual(log, { ...nothing, ...expected })
      assert.deepEqual(standard(bytes), log, 'the oracle of the property tests agrees')
    })
  }
})

test('ids are right however they follow one another', () => {
  const long = 'x'.repeat(2000)
  const ids = [
    'a',
    'b',
    'b',
    'ab',
    'aa',
    'ba',
    long,
    `${long}y`,
    long,
    '',
    'é',
    'é',
    'b',
    long.slice(1000),
  ]
  const kept = (id: string): string => id.slice(0, 1024)
  const stream = Buffer.from(ids.map((id) => `event: ${id}\nid: ${kept(id)}\ndata\n\n`).join(''))
  assert.deepEqual(
    parse([stream]).events,
    ids.map((id) => [id, kept(id), '']),
  )
})
