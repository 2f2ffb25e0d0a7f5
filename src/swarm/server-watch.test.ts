import assert from 'node:assert/strict'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import type { Target } from '../transports/transport.ts'
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
  const watch = new ServerWatch([target])
  context.after(async () => {
    await watch.stop()
    server.closeAllConnections()
    server.close()
  })
  return watch
}

function tell(response: ServerResponse, upMs: number, holdMs = HOLD_MS): void {
  response.end(JSON.stringify({ server: 'rtbench', upMs, limits: { holdMs } }))
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
    assert.equal((await watch.edge('?reset'))?.[0]?.upMs, 7)
    assert.equal((await slow)?.[0]?.upMs, 7)
  })

  it('keeps the last reading for when there is none', async (context) => {
    let asked = 0
    const watch = await watchOf(context, (response) => {
      asked++
      if (asked === 1) tell(response, 7)
      else response.destroy()
    })
    await watch.edge('')
    assert.equal(await watch.edge(''), null)
    assert.equal(watch.latest?.[0]?.upMs, 7)
  })

  it("does not keep the reading at the window's start, whose delays are of the time before", async (context) => {
    const watch = await watchOf(context, (response) => tell(response, 7))
    assert.equal((await watch.edge('?reset'))?.[0]?.upMs, 7)
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
    const watch = new ServerWatch([target])
    context.after(() => watch.stop())
    await watch.check(HOLD_MS)
    assert.deepEqual(
      [await watch.tick(), await watch.edge('?reset'), watch.latest],
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
