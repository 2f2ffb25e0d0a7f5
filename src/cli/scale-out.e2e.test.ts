/** Several instances, and what connects them. */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { assertWhole, thousand } from './bus-runs.conformance.ts'
import { needsProc, parseResult, run, start } from './command.conformance.ts'

const THREE = ['run', '--instances', '3', '--json', '--no-save', '--quiet', '--allow-invalid']
const SHORT = ['--duration', '3s', '--warmup', '1s', '--interval', '500ms']

describe('several instances', () => {
  it('1,000 clients on 100 channels of three: all comes once and in order, by each technique', async (context) => {
    for (const { bus, delivery } of await thousand(context, [])) {
      assert.ok(bus !== undefined)
      assert.deepEqual(
        [bus.name, bus.routing, bus.restarts, bus.gaps],
        ['memory', 'broadcast', 0, 0],
      )
      assert.deepEqual(bus.outages, [])
      // Each event entered one instance, and came to all of them; some are on their way at an edge, and
      // on a busy machine some of the warm-up's, too.
      const entered = bus.instances.reduce((sum, { published }) => sum + published, 0)
      assert.ok(entered > 0.5 * delivery.published, `${entered}`)
      for (const { received } of bus.instances) {
        assert.ok(Math.abs(received - entered) <= 0.3 * entered + 20, `${received} of ${entered}`)
      }
      assert.ok((bus.bytesPerEvent ?? 0) > 4 * 128, `${bus.bytesPerEvent}`)
      assert.ok((bus.hopMeanUs ?? 0) > 0 && (bus.rssBytes ?? 0) > 1e6)
    }
  })

  it('by channel, an event comes to the instances that have clients of it', async (context) => {
    const load = ['--clients', '60', '--channels', '30', '--rate', '5', '--transport', 'all']
    const routing = ['--bus-routing', 'by-channel']
    const { code, stdout, stderr } = await run(context, [...THREE, ...SHORT, ...load, ...routing])
    assert.equal(code, 0, stderr)
    for (const one of parseResult(stdout).runs) {
      assertWhole(one, 60)
      const received = one.bus?.instances.reduce((sum, { received }) => sum + received, 0) ?? 0
      // Clients c and c + 30 are at the same instance.
      assert.ok(received < 1.5 * one.delivery.published, `${received}`)
    }
  })

  it('without a bus reach is one third, and the verdict says why', async (context) => {
    // A channel's clients are spread over all three.
    const load = ['--clients', '1000', '--channels', '100', '--rate', '1', '--transport', 'sse']
    const args = [...THREE, ...SHORT, ...load, '--backplane', 'none']
    const { code, stdout, stderr } = await run(context, args)
    assert.equal(code, 0, stderr)
    const [one] = parseResult(stdout).runs
    assert.ok(Math.abs((one?.delivery.reach ?? 0) - 1 / 3) <= 0.01, `${one?.delivery.reach}`)
    const reason = one?.validity.reasons.find(({ code }) => code === 'no-backplane')
    assert.match(reason?.message ?? '', /^nothing connects the 3 instances, [^\n]+1\/3; [^\n]+$/)
    assert.equal(one?.bus, undefined)
  })

  it(
    'a bus that is killed is back soon, and the run says what came of it',
    needsProc,
    async (context) => {
      const load = [
        '--clients',
        '60',
        '--channels',
        '30',
        '--rate',
        '20',
        '--transport',
        'websocket',
      ]
      const loud = [
        ...THREE.filter((flag) => flag !== '--quiet'),
        '--duration',
        '6s',
        '--warmup',
        '1s',
      ]
      const command = start(context, [...loud, ...load])
      await command.says(/steady/)
      await sleep(1_500)
      const [pid = 0] = await command.processes('memory-process')
      process.kill(pid, 'SIGKILL')
      const { code, stdout, stderr } = await command.ended
      const [one] = parseResult(stdout).runs
      assert.ok(one !== undefined)
      const { bus, delivery, validity, timeline, durationMs, partial } = one
      assert.equal(durationMs, 6_000)
      assert.deepEqual([bus?.restarts, bus?.outages.length], [1, 3])
      assert.ok(bus?.outages.every(({ toMs }) => toMs !== null))
      assert.ok(timeline.some(({ busLost = 0 }) => busLost > 0))
      const reason = validity.reasons.find(({ code }) => code === 'bus-lost')
      assert.match(
        reason?.message ?? '',
        /^the bus between the instances \(memory\) failed: [^\n]+$/,
      )
      assert.equal(partial, delivery.lost > 0)
      assert.equal(code, delivery.lost > 0 ? 5 : 0, stderr)
      // What came after it came once and in order.
      assert.deepEqual([delivery.duplicates, delivery.outOfOrder], [0, 0])
      const last = timeline.filter(({ second }) => second >= 4)
      assert.ok(last.some(({ deliveries }) => deliveries > 0))
      await command.gone()
    },
  )

  it('nothing is left when the command is killed', needsProc, async (context) => {
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('rtbench-bus-'))
    const loud = THREE.filter((flag) => flag !== '--quiet')
    const command = start(context, [...loud, '--clients', '30', '--transport', 'sse'])
    await command.says(/steady/)
    command.signal('SIGKILL')
    await command.gone()
    const after = readdirSync(tmpdir()).filter((name) => name.startsWith('rtbench-bus-'))
    assert.deepEqual(
      after.filter((name) => !before.includes(name)),
      [],
    )
  })

  it('serve starts several, and what enters one comes out of another', async (context) => {
    const args = ['serve', '--port', '0', '--instances', '2', '--bus-routing', 'by-channel']
    const server = start(context, args)
    const [, one = '', other = ''] = await server.says(
      /serves on (http:\S+:\d+), (http:\S+:\d+), connected by memory/,
    )
    const heard = new Promise<string>((resolve) => {
      const request = get(`${one}/sse?channel=news`, (response) => {
        let text = ''
        response.setEncoding('utf8').on('error', () => {})
        response.on('data', (piece: string) => {
          text += piece
          if (text.includes('hello')) resolve(text)
        })
        const body = JSON.stringify({ channel: 'news', data: 'hello' })
        void fetch(`${other}/publish`, { method: 'POST', body })
      })
      request.on('error', () => {})
    })
    assert.match(await heard, /id: rtbi_\d+_\d+_[a-z0-9]+_\d+_\ndata: hello\n/)
    server.signal('SIGTERM')
    assert.equal((await server.ended).code, 0)
    await server.gone()
  })

  it('refuses what is no bus in one line, without its password', async (context) => {
    for (const [args, line] of [
      [['run', '--backplane', 'amqp://me:s3cret@127.0.0.1'], /--backplane: .*has the scheme amqp/],
      [
        ['serve', '--backplane', 'amqp://me:s3cret@127.0.0.1'],
        /--backplane: .*has the scheme amqp/,
      ],
      [['serve', '--bus-routing', 'round-robin'], /--bus-routing: .*broadcast or by-channel/],
      [['serve', '--port', '65535', '--instances', '2'], /--instances: .*expected a lower port/],
      [['run', '--url', 'http://127.0.0.1:9', '--backplane', 'none'], /--backplane: .*or no url/],
    ] as const) {
      const { code, stdout, stderr } = await run(context, args)
      assert.deepEqual([code, stdout], [2, ''], stderr)
      assert.match(stderr, line)
      assert.match(stderr, /^[^\n]+\n$/)
      assert.doesNotMatch(stderr, /s3cret/)
    }
  })
})
