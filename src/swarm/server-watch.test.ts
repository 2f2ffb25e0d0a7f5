import assert from 'node:assert/strict'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import type { WrongStatistics } from '../measure/validity.ts'
import type { Target } from '../transports/transport.ts'
import { sampleStatistics } from './server-reading.conformance.ts'
import { ServerWatch } from './server-watch.ts'

const HOLD_MS = 30_000

/** A server whose answers a test gives. */
async function watchOf(
  context: TestContext,
  answer: (response: ServerResponse, url: string) => void,
): Promise<ServerWatch> {
  const server = createServer((request, response) => answer(response, request.url ?? ''))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const target: Target = {
    host: '127.0.0.1',
    port,
    secure: false,
    authority: `127.0.0.1:${port}`,
    basePath: '',
    token: null,
  }
  const watch = new ServerWatch([target], 'sse')
  context.after(async () => {
    await watch.stop()
    server.closeAllConnections()
    server.close()
  })
  return watch
}

function tell(response: ServerResponse, upMs: number, holdMs = HOLD_MS): void {
  response.end(JSON.stringify(sampleStatistics({ upMs, limits: { holdMs } })))
}

describe('the watch over the server', () => {
  it('asks at an edge although a reading by the way is still awaited', async (context) => {
    const waiting: ServerResponse[] = []
    const watch = await watchOf(context, (response, url) => {
      if (url.includes('reset')) for (const late of [...waiting, response]) tell(late, 7)
      else waiting.push(response)
    })
    const slow = watch.tick()
    assert.equal(await watch.tick(), null)
    assert.equal((await watch.edge({ at: 'begin', blockMs: 50 }))?.[0]?.upMs, 7)
    assert.equal((await slow)?.[0]?.upMs, 7)
  })

  it('keeps the last reading for when there is none', async (context) => {
    let asked = 0
    const watch = await watchOf(context, (response) => {
      asked++
      if (asked === 1) tell(response, 7)
      else response.destroy()
    })
    await watch.edge()
    assert.equal(await watch.edge(), null)
    assert.equal(watch.latest?.[0]?.upMs, 7)
  })

  it("does not keep the reading at the window's start, whose delays are of the time before", async (context) => {
    const watch = await watchOf(context, (response) => tell(response, 7))
    assert.equal((await watch.edge({ at: 'begin', blockMs: 50 }))?.[0]?.upMs, 7)
    assert.equal(watch.latest, null)
  })

  it('tells a server that accepts and never answers from one that is not there', async (context) => {
    const watch = await watchOf(context, () => {})
    await assert.rejects(watch.check(null), {
      code: 'cannot-run',
      message:
        /^127\.0\.0\.1:\d+ accepted the connection but did not answer within 3s; is it an rtbench server\?$/,
    })
  })

  it('refuses a server that holds polls for a shorter time', async (context) => {
    const watch = await watchOf(context, (response) => tell(response, 7, 5_000))
    await watch.check(5_000)
    await watch.check(1_000)
    await watch.check(null)
    await assert.rejects(watch.check(HOLD_MS), {
      code: 'cannot-run',
      message:
        /^127\.0\.0\.1:\d+ holds long polls for 5 ?s, and --hold is 30 ?s; give --hold 5 ?s, or start the server with --hold 30 ?s$/,
    })
  })
})

describe('the watch over a server whose statistics are wrong', () => {
  /** Answers by what a test has given last. */
  async function saying(context: TestContext) {
    const said = { status: 200, text: JSON.stringify(sampleStatistics()) }
    const watch = await watchOf(context, (response) => {
      response.statusCode = said.status
      response.end(said.text)
    })
    return { said, watch }
  }

  for (const [name, status, text, line] of [
    ['somebody else', 200, '{}', /is no rtbench server; start one by 'rtbench serve'$/],
    ['a page that is not there', 404, 'no', /is no rtbench server/],
    ['a page that is not ours', 200, '['.repeat(500_000), /is no rtbench server/],
    ['an error', 503, 'no', /answered GET \/stats with 503; look at its log$/],
    ['a locked door', 401, 'no', /wants a token; give it by --token or RTBENCH_TOKEN$/],
    [
      'another version',
      200,
      JSON.stringify(sampleStatistics({ cpu: { userUs: -5, systemUs: 1 } })),
      /tells wrong statistics \(cpu\.userUs: expected number to be >=0, found -5\); is it an rtbench of another version\?$/,
    ],
  ] as const) {
    it(`refuses ${name} before a run, in one line`, async (context) => {
      const { said, watch } = await saying(context)
      Object.assign(said, { status, text })
      await assert.rejects(watch.check(null), ({ code, message }) => {
        assert.equal(code, 'cannot-run')
        assert.match(message, /^127\.0\.0\.1:\d+ [^\n]+$/)
        assert.match(message, line)
        return true
      })
    })
  }

  it('has no reading of what cannot be in a run, counts it, and goes on', async (context) => {
    const { said, watch } = await saying(context)
    await watch.check(null)
    const wrong = (): WrongStatistics | null => watch.wrong
    assert.equal(wrong(), null)
    said.text = '{"server":"rtbench"}'
    assert.equal(await watch.edge(), null)
    said.status = 500
    assert.equal(await watch.tick(), null)
    // It is wrong, and it is there.
    assert.equal(await watch.isThere(), true)
    assert.equal(wrong()?.problem, 'upMs: expected number, received undefined')
    assert.match(wrong()?.at ?? '', /^127\.0\.0\.1:\d+$/)
    Object.assign(said, { status: 200, text: JSON.stringify(sampleStatistics()) })
    assert.equal((await watch.edge())?.[0]?.restarts, 0)
    assert.equal(wrong()?.count, 2)
  })
})

describe('the watch over a server that a scenario describes', () => {
  it('asks it nothing, and looks whether it is there', async (context) => {
    let asked = 0
    const server = createServer(() => asked++)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const target: Target = {
      host: '127.0.0.1',
      port,
      secure: false,
      authority: 'somebody:80',
      basePath: '/app',
      token: null,
      endpoint: { path: '/{channel}' },
    }
    const watch = new ServerWatch([target], 'sse')
    context.after(() => watch.stop())
    await watch.check(HOLD_MS)
    assert.deepEqual(
      [await watch.tick(), await watch.edge({ at: 'begin', blockMs: 50 }), watch.latest],
      [null, null, null],
    )
    assert.equal(await watch.isThere(), true)
    assert.equal(asked, 0)
    await new Promise((resolve) => server.close(resolve))
    assert.equal(await watch.isThere(), false)
    await assert.rejects(watch.check(null), {
      code: 'cannot-run',
      message: 'no server answers at somebody:80/app (ECONNREFUSED); is it running?',
    })
  })
})
