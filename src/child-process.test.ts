import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { extname } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ended, firstMessage, hear, startAll } from './child-process.ts'
import { RtbenchError } from './error.ts'

const self = new URL(`child-process${extname(fileURLToPath(import.meta.url))}`, import.meta.url)

function script(code: string): readonly string[] {
  const program = `import { beChild } from '${self.href}'; beChild('worker'); ${code}`
  return [...process.execArgv, '--input-type=module', '--eval', program]
}

function child(code: string) {
  return spawn(process.execPath, ['--eval', code], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
}

/** One that greets. */
function goodChild(code: string) {
  return spawn(process.execPath, script(code), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
}

function isPort(message: unknown): message is { readonly port: number } {
  return typeof message === 'object' && message !== null && 'port' in message
}

describe('a child process', () => {
  for (const [how, code] of [
    ['an exception', "setTimeout(() => { throw new TypeError('this\\nand that') })"],
    ['a rejection', "await 0; void Promise.reject(new TypeError('this\\nand that'))"],
    ['something that is no error', "setTimeout(() => { throw 'this and that' })"],
  ] as const) {
    it(`ends with one line for ${how} that nobody catches`, () => {
      const { status, stderr } = spawnSync(process.execPath, script(code), { encoding: 'utf8' })
      assert.match(stderr, /^rtbench: a worker \(process \d+\) failed: .*this and that[^\n]*\n$/)
      assert.equal(status, 1)
    })
  }

  it('leaves Ctrl-C and SIGTERM to its parent, and ends with the channel', async () => {
    const echo = "process.on('message', (text) => process.send(text)); process.send('ready')"
    const started = spawn(process.execPath, script(echo), {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    assert.equal((await once(started, 'message'))[0].type, 'greeting')
    await once(started, 'message')
    started.kill('SIGINT')
    started.kill('SIGTERM')
    started.send('still there')
    assert.deepEqual((await once(started, 'message'))[0], 'still there')
    started.disconnect()
    assert.deepEqual(await once(started, 'exit'), [0, null])
  })
})

describe('several processes', () => {
  it('are none when one of them cannot be started', async () => {
    const begun: ChildProcess[] = []
    const start = (index: number): ChildProcess => {
      if (index === 2) throw new Error('no more')
      const started = child('setInterval(() => {}, 1000)')
      begun.push(started)
      return started
    }
    assert.throws(() => startAll(3, start), /no more/)
    assert.equal(begun.length, 2)
    // Long before the patience is over.
    await Promise.all(begun.map((started) => ended(started, 60_000)))
    assert.deepEqual(
      begun.map(({ signalCode }) => signalCode),
      ['SIGKILL', 'SIGKILL'],
    )
  })
})

describe('the first message', () => {
  it('is handed on', async () => {
    const started = goodChild('process.send({ port: 5 })')
    assert.deepEqual(await firstMessage(started, 'server', isPort), { port: 5 })
    await ended(started, 0)
  })

  it('is not waited for when the process ends', async () => {
    await assert.rejects(firstMessage(child('process.exit(7)'), 'server', isPort), (error) => {
      assert.ok(error instanceof RtbenchError)
      assert.equal(error.message, 'the server could not start: its process ended (7)')
      return true
    })
  })

  it('is not waited for when the process could not be started', async () => {
    const stdio = ['ignore', 'ignore', 'ignore', 'ipc'] as const
    const nothing = spawn('/nonexistent/program', [], { stdio: [...stdio] })
    await assert.rejects(
      firstMessage(nothing, 'publisher', isPort),
      /the publisher could not start: .*ENOENT/,
    )
    await ended(nothing, 5000)
  })

  it('is not waited for without an end', async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] })
    const silent = child('setInterval(() => {}, 1000)')
    const message = firstMessage(silent, 'server', isPort)
    context.mock.timers.tick(30_000)
    await assert.rejects(message, /it is not ready after 30 s/)
    silent.kill('SIGKILL')
  })
})

describe('what a child says', () => {
  /** All that is heard of a child until it ends. */
  async function heard(started: ChildProcess) {
    const messages: unknown[] = []
    const nonsense: string[] = []
    hear(started, {
      name: 'worker',
      isMessage: isPort,
      onMessage: (message) => messages.push(message),
      onNonsense: (why) => nonsense.push(why),
    })
    await once(started, 'exit')
    return { messages, nonsense, signal: started.signalCode }
  }

  it('is heard in its order', async () => {
    const code = 'for (const port of [1, 2]) process.send({ port }); process.disconnect()'
    const { messages, nonsense } = await heard(goodChild(code))
    assert.deepEqual([messages, nonsense], [[{ port: 1 }, { port: 2 }], []])
  })

  it('is not heard any more once it is nonsense, and its process ends', async () => {
    const code = 'for (const m of [{ port: 1 }, null, { port: 2 }]) process.send(m)'
    const { messages, nonsense, signal } = await heard(goodChild(code))
    assert.deepEqual([messages, signal], [[{ port: 1 }], 'SIGKILL'])
    assert.match(nonsense.join(), /^a worker \(process \d+\) said what nobody understands, [^,]+$/)
  })

  for (const [name, first, version] of [
    [
      'another version',
      "{ type: 'greeting', build: '9.9.9, built then\\n' }",
      '9\\.9\\.9, built then ',
    ],
    ['a version that does not greet', '{ port: 1 }', 'of an unknown version'],
    ['nothing that anybody knows', 'null', 'of an unknown version'],
  ] as const) {
    it(`is not heard where it is of ${name}`, async () => {
      const code = `process.send(${first}); setInterval(() => process.send({ port: 2 }), 10)`
      const { messages, nonsense, signal } = await heard(child(code))
      assert.deepEqual([messages, signal], [[], 'SIGKILL'])
      const line = `^a worker \\(process \\d+\\) is rtbench ${version}, and its parent is \\d[^\n]*; was rtbench installed anew while it ran\\? run it again$`
      assert.match(nonsense.join(), new RegExp(line))
    })
  }
})

describe('the end of a process', () => {
  it('comes at once where there is hurry', async () => {
    const hurry = new AbortController()
    const code = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"
    const stubborn = [child(code), child(code)]
    const [first, second] = stubborn.map((started) => ended(started, 60_000, hurry.signal))
    hurry.abort()
    await Promise.all([first, second, ended(child(code), 60_000, hurry.signal)])
    for (const { signalCode } of stubborn) assert.equal(signalCode, 'SIGKILL')
  })

  it('is brought about when it does not come by itself', async () => {
    const stubborn = child("process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)")
    await ended(stubborn, 50)
    assert.equal(stubborn.signalCode, 'SIGKILL')
    await ended(stubborn, 50)
  })
})
