import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { type TestContext, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { EndpointDescription } from '../scenario/target.ts'
import { transports } from './registry.ts'
import { marked, type RecordingSession, span, until } from './session.conformance.ts'
import type { Pace } from './transport.ts'
import { listen, visit } from './visit.conformance.ts'

type Answer = (response: ServerResponse, number: number) => void

function body(number: number, more = ''): string {
  return `{${more}"events":[{"id":"i${number}","data":"${marked(number)}"}],"lastEventId":"c/${number}+"}`
}

const plainly: Answer = (response, number) => {
  const text = body(number)
  response.writeHead(200, { 'Content-Length': text.length }).end(text)
}

for (const { label, hasExchanges, open } of transports) {
  if (!hasExchanges) continue

  /** A client at a poll server, and the addresses that were asked for. */
  const poll = async (
    context: TestContext,
    answer: Answer,
    pace: Partial<Pace> = { intervalMs: 5 },
  ): Promise<[RecordingSession, readonly URL[]]> => {
    const asked: URL[] = []
    const server = await listen(context, ({ url = '' }, response) => {
      asked.push(new URL(url, 'http://localhost'))
      answer(response, asked.length)
    })
    return [visit(context, server, open, pace), asked]
  }

  test(`${label}: each request has the cursor of the answer before`, async (context) => {
    const [session, asked] = await poll(context, plainly)
    await until(() => session.sequences.length >= 10, 'ten answers')
    assert.deepEqual(session.sequences, span(1, session.sequences.length))
    for (const [index, { searchParams, pathname }] of asked.entries()) {
      assert(pathname.startsWith('/base/'))
      assert.equal(searchParams.get('channel'), 'news')
      assert.equal(searchParams.get('lastEventId'), index === 0 ? null : `c/${index}+`)
    }
    assert.deepEqual(new Set(session.answers), new Set([1]))
    assert.deepEqual([session.subscriptions, session.cuts], [1, []])
    assert(session.requests - session.answers.length <= 1)
  })

  test(`${label}: takes an answer in chunks`, async (context) => {
    const [session] = await poll(context, (response, number) => {
      const text = body(number)
      response.write(text.slice(0, 20))
      setImmediate(() => response.end(text.slice(20)))
    })
    await until(() => session.sequences.length >= 4, 'four answers')
    assert.deepEqual(session.sequences, span(1, session.sequences.length))
    assert.deepEqual(session.cuts, [])
  })

  test(`${label}: takes an answer of several reads`, async (context) => {
    const [session] = await poll(context, (response, number) => {
      const text = body(number, `"padding":"${'x'.repeat(200 * 1024)}",`)
      response.writeHead(200, { 'Content-Length': text.length }).end(text)
    })
    await until(() => session.sequences.length >= 4, 'four answers')
    assert.deepEqual(session.sequences, span(1, session.sequences.length))
  })

  test(`${label}: takes an answer in chunks of one byte`, async (context) => {
    const text = body(1, `"padding":"${'x'.repeat(5_000)}",`)
    const chunks = [...text].map((byte) => `1\r\n${byte}\r\n`).join('')
    const [session] = await poll(context, ({ socket }) => {
      socket?.end(
        `HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`,
      )
    })
    await until(() => session.payloads.length >= 3, 'three answers')
    assert.deepEqual(new Set(session.payloads), new Set([marked(1)]))
    assert.deepEqual(session.cuts, [])
  })

  for (const [name, head] of [
    ['length', `Content-Length: ${9 * 1024 * 1024}\r\n\r\n`],
    ['chunk', `Transfer-Encoding: chunked\r\n\r\n900000\r\n`],
  ] as const) {
    test(`${label}: refuses a body of more than 8 MiB by its ${name}`, async (context) => {
      const [session] = await poll(context, ({ socket }) => {
        socket?.write(`HTTP/1.1 200 OK\r\n${head}`)
      })
      await until(() => session.cuts.length > 0, 'the cut')
      assert.equal(session.cuts[0], 'http-body-too-large')
    })
  }

  for (const [name, headers, bytes] of [
    ['a head that says so', { 'Content-Encoding': 'GZip' }, gzipSync(body(1))],
    ['nothing said', {}, gzipSync(body(1))],
    ['a head that says so of what is none', { 'Content-Encoding': 'x-gzip' }, Buffer.from(body(1))],
  ] as const) {
    test(`${label}: refuses a body in gzip, with ${name}`, async (context) => {
      const [session] = await poll(context, (response) => {
        response.writeHead(200, { ...headers, 'Content-Length': bytes.length }).end(bytes)
      })
      await until(() => session.cuts.length > 0, 'the cut')
      assert.equal(session.cuts[0], 'content-encoding-gzip')
      assert.deepEqual([session.sequences, session.strangers], [[], []])
    })
  }

  test(`${label}: asks for bodies as they are, and takes them`, async (context) => {
    const codings = new Set<string | undefined>()
    const [session] = await poll(context, (response, number) => {
      codings.add(response.req.headersDistinct['accept-encoding']?.join())
      response.setHeader('Content-Encoding', 'identity')
      plainly(response, number)
    })
    await until(() => session.sequences.length >= 3, 'three answers')
    assert.deepEqual([[...codings], session.cuts], [['identity'], []])
  })

  test(`${label}: counts one event in an answer that has its text twice`, async (context) => {
    const [session] = await poll(context, (response, number) => {
      const text = marked(number)
      response.end(JSON.stringify({ events: [{ text, html: `<p>${text}</p>` }] }))
    })
    await until(() => session.answers.length >= 3, 'three answers')
    assert.deepEqual(session.sequences, span(1, session.sequences.length))
    assert.deepEqual(new Set(session.answers), new Set([1]))
  })

  test(`${label}: counts an event twice that an answer lists twice`, async (context) => {
    const [session] = await poll(context, (response, number) => {
      const event = { id: 'x', data: marked(number) }
      response.end(JSON.stringify({ events: [event, event], lastEventId: `c${number}` }))
    })
    await until(() => session.answers.length >= 2, 'two answers')
    assert.deepEqual(session.sequences.slice(0, 4), [1, 1, 2, 2])
    assert.equal(session.answers[0], 2)
  })

  test(`${label}: tells answers without a mark from empty ones`, async (context) => {
    const event = { data: Buffer.from(marked(1)).toString('base64') }
    const answers = [[], [], [event], [], [event, event], [{ data: null }]]
    const [session] = await poll(context, (response, number) => {
      const events = answers[number - 1] ?? []
      // The cursor grows, from none.
      const cursor = number === 1 ? null : 'x'.repeat(number)
      response.end(JSON.stringify({ events, lastEventId: cursor }))
    })
    await until(() => session.answers.length > answers.length, 'all answers')
    assert.deepEqual(
      session.strangers.map((text) => (JSON.parse(text) as { events: unknown }).events),
      [[event], [event, event], [{ data: null }]],
    )
    assert.deepEqual([session.cuts, session.sequences], [[], []])
  })

  test(`${label}: refuses a cursor that it could not send back`, async (context) => {
    const [session] = await poll(context, (response) => {
      response.end(`{"events":[],"lastEventId":"${'x'.repeat(1025)}"}`)
    })
    await until(() => session.cuts.length > 0, 'the cut')
    assert.equal(session.cuts[0], 'cursor-too-long')
  })

  for (const intervalMs of [0, 5]) {
    test(`${label}: an answer that closes is no cut, asking every ${intervalMs} ms`, async (context) => {
      const [session, asked] = await poll(
        context,
        (response, number) => {
          response.setHeader('Connection', 'close')
          plainly(response, number)
        },
        { intervalMs },
      )
      await until(() => session.sequences.length >= 5, 'five answers')
      assert.deepEqual(session.sequences, span(1, session.sequences.length))
      assert.equal(asked[4]?.searchParams.get('lastEventId'), 'c/4+')
      assert.equal(session.subscriptions, session.sequences.length)
      assert(session.requests - session.answers.length <= 1)
      assert.deepEqual(session.cuts, [])
    })
  }

  test(`${label}: a body that ends with its connection is an answer, too`, async (context) => {
    const [session] = await poll(context, ({ socket }, number) => {
      socket?.end(`HTTP/1.1 200 OK\r\n\r\n${body(number)}`)
    })
    await until(() => session.sequences.length >= 3, 'three answers')
    assert.deepEqual(session.sequences, span(1, session.sequences.length))
    assert.deepEqual(session.cuts, [])
  })

  test(`${label}: gives up a server that says it closes, and does not`, async (context) => {
    const answer = body(1)
    const [session] = await poll(
      context,
      ({ socket }) => {
        socket?.write(
          `HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: ${answer.length}\r\n\r\n${answer}`,
        )
      },
      { intervalMs: 5, timeoutMs: 400, holdMs: 60 },
    )
    await until(() => session.cuts.length > 0, 'the cut')
    assert.equal(session.cuts[0], 'timeout')
    assert.equal(session.answers.length, 1)
  })

  test(`${label}: an empty body is an answer without events`, async (context) => {
    const [session] = await poll(context, (response, number) => {
      if (number % 2 === 1) response.writeHead(200, { 'Content-Length': 0 }).end()
      else {
        response.flushHeaders()
        response.end()
      }
    })
    await until(() => session.answers.length >= 4, 'four answers')
    assert.deepEqual(new Set(session.answers), new Set([0]))
    assert(session.requests - session.answers.length <= 1)
    assert.deepEqual(session.cuts, [])
  })

  test(`${label}: a gap is a flag in the first place`, async (context) => {
    const [session] = await poll(context, (response, number) => {
      const flag = ['', '"gap":true,', '"gap":false,', '"note":1,"gap":true,'][number - 1] ?? ''
      response.end(body(number, flag))
    })
    await until(() => session.sequences.length >= 5, 'five answers')
    assert.equal(session.gaps, 1)
  })

  for (const status of [204, 304, 404, 503]) {
    test(`${label}: ${status} is a cut, at its head`, async (context) => {
      const [session] = await poll(context, (response) => {
        if (status > 400) response.writeHead(status).write('a body that does not end')
        else response.writeHead(status).end()
      })
      await until(() => session.cuts.length > 0, 'the cut')
      assert.equal(session.cuts[0], `http-${status}`)
      assert.equal(session.subscriptions, 0)
    })
  }

  test(`${label}: an answer cut off is no answer`, async (context) => {
    const [session] = await poll(context, (response, number) => {
      if (number !== 2) return plainly(response, number)
      response.writeHead(200, { 'Content-Length': 500 }).write(body(number))
      setImmediate(() => response.socket?.end())
    })
    await until(() => session.sequences.includes(3), 'the third answer')
    assert.deepEqual(session.sequences.slice(0, 2), [1, 3])
    assert.deepEqual(session.cuts, ['http-closed-early'])
  })
}

const VALIDATED: EndpointDescription = {
  path: '/{channel}',
  empty: [204, 304, 408],
  cursor: [{ from: 'header Etag', to: 'header If-None-Match' }],
}

for (const { label, hasExchanges, open } of transports) {
  if (!hasExchanges) continue

  /** A client at a server that a scenario describes, and the cursors that it came with. */
  const described = async (
    context: TestContext,
    answer: Answer,
    endpoint: EndpointDescription = VALIDATED,
    pace: Partial<Pace> = { intervalMs: 5 },
  ): Promise<[RecordingSession, readonly (string | undefined)[]]> => {
    const cursors: (string | undefined)[] = []
    const server = await listen(context, ({ url, headers }, response) => {
      assert.equal(url, '/base/news')
      cursors.push(headers['if-none-match'])
      answer(response, cursors.length)
    })
    return [visit(context, server, open, pace, endpoint), cursors]
  }

  test(`${label}: takes one plain event an answer, and answers that say there is none`, async (context) => {
    const [session, cursors] = await described(context, (response, number) => {
      if (number % 4 === 1) response.setHeader('ETag', `e${number}`).end(marked(number))
      // A 304 may tell the length of what it does not send.
      else if (number % 4 === 2) response.writeHead(304, { 'Content-Length': '33' }).end()
      else if (number % 4 === 3) response.writeHead(204).end()
      else response.writeHead(408).end('too late')
    })
    await until(() => session.sequences.length >= 3, 'three events')
    assert.deepEqual(session.sequences.slice(0, 3), [1, 5, 9])
    assert.deepEqual(session.answers.slice(0, 9), [1, 0, 0, 0, 1, 0, 0, 0, 1])
    assert.deepEqual(cursors.slice(0, 6), [undefined, 'e1', 'e1', 'e1', 'e1', 'e5'])
    assert.deepEqual([session.cuts, session.subscriptions], [[], 1])
  })

  test(`${label}: the cursor of an answer that was cut does not count`, async (context) => {
    const [session, cursors] = await described(context, (response, number) => {
      response.setHeader('ETag', `e${number}`)
      if (number !== 2) return response.end(marked(number))
      response.writeHead(200, { 'Content-Length': 500 }).write('half')
      setImmediate(() => response.socket?.end())
    })
    await until(() => cursors.length >= 4, 'four requests')
    assert.deepEqual(session.sequences.slice(0, 2), [1, 3])
    assert.deepEqual(cursors.slice(0, 4), [undefined, 'e1', 'e1', 'e3'])
  })

  test(`${label}: without a cursor it asks the same again`, async (context) => {
    const [session, cursors] = await described(
      context,
      (response) => response.setHeader('ETag', 'e').end(marked(1)),
      { path: '/{channel}' },
    )
    await until(() => session.sequences.length >= 3, 'three times the event')
    assert.deepEqual(new Set(cursors), new Set([undefined]))
  })
}
