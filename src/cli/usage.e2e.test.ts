import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { sampleResult } from '../result/sample.conformance.ts'
import { serialiseResult } from '../result/store.ts'
import { packageVersion } from '../version.ts'
import { assertRefused, folder, parseResult, run } from './command.conformance.ts'
import { runResident } from './resident.conformance.ts'
import { root } from './root.conformance.ts'

function file(name: string, text: string | Buffer): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const stored = serialiseResult(sampleResult())
mkdirSync(join(folder, 'a-folder'))

const search = ['capacity', '--transport', 'sse', '--limit', 'lost==0']

/** Arguments, the exit code, and what the one line says. */
const refusals: readonly (readonly [string, readonly string[], number, RegExp])[] = [
  ['an unknown command', ['rnu'], 2, /unknown command 'rnu'.*Did you mean run\?/],
  ['the help of an unknown command', ['rum', '--help'], 2, /unknown command 'rum'.*mean run\?/],
  ['the same, asked for first', ['help', 'rum'], 2, /unknown command 'rum'.*mean run\?/],
  ['the help of a command that was never there', ['agent', '-h'], 2, /unknown command 'agent'/],
  ['an unknown flag', ['run', '--cleints', '5'], 2, /'--cleints'.*Did you mean --clients\?/],
  ['a flag twice', ['run', '--rate', '1', '--rate', '6/min'], 2, /--rate: .*twice, 1 and "6\/min"/],
  ['an unknown transport', ['run', '--transport', 'ssee'], 2, /--transport.*did you mean sse\?/i],
  ['a duration without a unit', ['run', '--duration', '10'], 2, /--duration.*expected/],
  ['a page of nothing', ['run', '--html', '--no-save'], 2, /--html: .*--no-save.*one of them/],
  ['a misspelt flag of doctor', ['doctor', '--jsn'], 2, /'--jsn'.*Did you mean --json\?/],
  ['too many arguments', ['run', 'a.yaml', 'b.yaml'], 2, /too many arguments/],
  ['a missing scenario', ['run', 'missing.yaml'], 2, /missing\.yaml/],
  ['a folder as a scenario', ['run', 'a-folder'], 2, /a-folder/],
  [
    'a misspelt key of a scenario',
    ['run', file('misspelt.yaml', 'transport: sse\n\ncleints: 100\n')],
    2,
    /misspelt\.yaml:3:1 cleints: .*did you mean clients\?/,
  ],
  [
    'a wrong value of a scenario',
    ['run', file('wrong.yaml', 'transport: sse\nclients:   -5\n')],
    2,
    /wrong\.yaml:2:12 clients: .*expected/,
  ],
  [
    'a scenario that is none',
    ['run', file('broken.yaml', 'clients: [1')],
    2,
    /broken\.yaml:\d+:\d+/,
  ],
  ['more workers than clients', ['run', '--clients', '2', '--workers', '3'], 2, /--workers 3/],
  ['a target elsewhere', ['run', '--url', 'http://192.0.2.1:9'], 2, /192\.0\.2\.1.*--allow-remote/],
  ['a target that is no URL', ['run', '--url', 'ftp://127.0.0.1'], 2, /--url/],
  [
    'a target that is not running',
    ['run', '--quiet', '--url', 'http://127.0.0.1:9'],
    1,
    /ECONNREFUSED.*running/,
  ],
  ['a port that is none', ['serve', '--port', '70000'], 2, /--port: 70000/],
  ['a log without room', ['serve', '--log-size', '0'], 2, /--log-size: 0 .*expected/],
  [
    'a fault that is given twice',
    ['serve', '--fault', 'drop=1%', '--fault', 'drop=2%'],
    2,
    /--fault: "drop=1%,drop=2%" has drop twice/,
  ],
  ['a description as a flag', ['run', '--target', 'x'], 2, /--target: .*in a scenario file/],
  [
    'a description as a flag of a search',
    [...search, '--target', 'x'],
    2,
    /--target: .*in a scenario file/,
  ],
  [
    'instances of a server elsewhere',
    ['run', '--url', 'http://127.0.0.1:9', '--instances', '2'],
    2,
    /--instances: 2 /,
  ],
  [
    'a front of a server elsewhere',
    ['run', '--url', 'http://127.0.0.1:9', '--front', 'nginx'],
    2,
    /--front: nginx stands before instances that rtbench starts/,
  ],
  ['a choice without a front', ['run', '--balance', 'cookie'], 2, /--balance: .*there is none/],
  ['the configuration of no front', ['run', '--print-front'], 2, /--print-front: .*--front/],
  [
    'a percentile of too few events',
    ['run', '--clients', '5', '--threshold', 'p99<1s'],
    2,
    /--threshold: .*needs 100 events/,
  ],
  ['a search of all transports', ['capacity', '--limit', 'lost==0'], 2, /--transport.*takes one/],
  ['a search without a limit', ['capacity', '--transport', 'sse'], 2, /--limit: none.*'p99<100ms'/],
  [
    'a search by a limit without a unit',
    ['capacity', '--transport', 'sse', '--limit', 'p99<100'],
    2,
    /--limit: .*no unit.*expected/,
  ],
  [
    'a search by a percentile of too few events',
    [...search, '--limit', 'p99<1s', '--from', '5'],
    2,
    /--limit: .*needs 100 events/,
  ],
  ['a search of something else', [...search, '--search', 'client'], 2, /did you mean clients\?/],
  ['a search from no clients', [...search, '--from', '0'], 2, /--from: 0/],
  ['a search from no rate', [...search, '--search', 'rate', '--from', '0'], 2, /--from: .*above 0/],
  ['a search that goes down', [...search, '--from', '10', '--to', '5'], 2, /--to: 5 is below/],
  ['a search to a broken number', [...search, '--to', 'all'], 2, /--to: "all".*expected/],
  ['a search without precision', [...search, '--precision', '10'], 2, /--precision: 10 .*10%/],
  [
    'a search from more clients than one process holds',
    [...search, '--workers', '1', '--from', '9M'],
    2,
    /--workers 1 cannot hold 9,000,000 clients/,
  ],
  ['a misspelt format', ['report', 'x.json', '--format', 'tabel'], 2, /did you mean table\?/],
  ['a missing result', ['report', 'missing.json'], 1, /missing\.json/],
  ['an empty result', ['report', file('empty.json', '')], 1, /empty\.json/],
  ['half a result', ['report', file('half.json', stored.slice(0, 3000))], 1, /half\.json/],
  [
    'a result of another version',
    ['report', file('newer.json', stored.replace('"schemaVersion": 1', '"schemaVersion": 9'))],
    1,
    /newer\.json: schemaVersion is 9/,
  ],
  [
    'a result with a text for a figure',
    ['report', file('text.json', stored.replace(/"p99Us": [\d.]+/, '"p99Us": "fast"'))],
    1,
    /text\.json.*p99Us/,
  ],
  ['a result of other bytes', ['report', file('bytes.json', Buffer.alloc(500, 0xff))], 1, /bytes/],
]

/** One of each command and exit code is also started by itself. */
const AS_A_PROGRAM: readonly string[] = [
  'an unknown command',
  'a misspelt key of a scenario',
  'a target that is not running',
  'a log without room',
  'a search without a limit',
  'a missing result',
]

describe('the command refuses in one line', { concurrency: 2 }, () => {
  for (const [what, args, code, line] of refusals) {
    it(what, async () => {
      assertRefused(await runResident(args), code, line)
    })
  }

  for (const [what, args, code, line] of refusals.filter(([what]) => AS_A_PROGRAM.includes(what))) {
    it(`${what}, and ends`, async (context) => {
      assertRefused(await run(context, args), code, line)
    })
  }

  it('a target that is some other server', async (context) => {
    const requests: string[] = []
    const server = createServer((request, response) => {
      requests.push(request.url ?? '')
      response.end('<h1>It works!</h1>')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    context.after(() => server.close())
    const { port } = server.address() as AddressInfo
    const args = ['run', '--quiet', '--url', `http://127.0.0.1:${port}/app/`]
    assertRefused(await run(context, [...args, '--clients', '-5']), 2, /--clients/)
    assert.deepEqual(requests, [], 'traffic from a bad scenario')
    assertRefused(await run(context, args), 1, /is no rtbench server.*rtbench serve/)
    assert.deepEqual(requests, ['/app/stats?waits=0'])
  })

  it('a target whose answer has no end', async (context) => {
    const server = createServer((_, response) => {
      const more = (): void => {
        while (response.write(Buffer.alloc(65_536, 'x')));
        response.once('drain', more)
      }
      more()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    context.after(() => {
      server.close()
      server.closeAllConnections()
    })
    const { port } = server.address() as AddressInfo
    const args = ['run', '--quiet', '--url', `http://127.0.0.1:${port}`]
    assertRefused(await run(context, args), 1, /is no rtbench server/)
  })
})

describe('the command explains itself', { concurrency: 2 }, () => {
  it('by its version', async (context) => {
    const { code, stdout, stderr } = await run(context, ['--version'])
    assert.deepEqual([code, stdout, stderr], [0, `${packageVersion()}\n`, ''])
  })

  for (const args of [
    ['--help'],
    ['run', '--help'],
    ['capacity', '--help'],
    ['serve', '--help'],
    ['report', '--help'],
    ['doctor', '--help'],
    ['init', '--help'],
    ['validate', '--help'],
    ['schema', '--help'],
    ['completion', '--help'],
    ['help', 'run'],
  ]) {
    it(`with three examples: ${args.join(' ')}`, async () => {
      const { code, stdout, stderr } = await runResident(args)
      assert.deepEqual([code, stderr], [0, ''])
      assert.equal(stdout.match(/^ {2}\$ /gm)?.length, 3)
    })
  }

  it('when nothing is asked for, which is no success', async (context) => {
    const { code, stdout, stderr } = await run(context, [])
    assert.deepEqual([code, stdout], [2, ''])
    assert.equal(stderr, (await run(context, ['--help'])).stdout)
  })

  it('with a stack trace when it is asked for one', async () => {
    const { code, stderr } = await runResident(['report', 'missing.json', '--verbose'])
    assert.equal(code, 1)
    assert.match(stderr, /\n {4}at /)
  })
})

const needsFull = existsSync('/dev/full') ? {} : { skip: 'there is no /dev/full here' }

describe('a disk that is full', { concurrency: 2, ...needsFull }, () => {
  const bin = join(root, 'bin', 'rtbench.js')
  const ended = (line: string): { status: number | null; stderr: string } =>
    spawnSync('sh', ['-c', `'${process.execPath}' '${bin}' ${line}`], {
      encoding: 'utf8',
      timeout: 20_000,
    })

  it('below stdout is told once', () => {
    const { status, stderr } = ended('help >/dev/full')
    assert.equal(stderr, 'rtbench: the output cannot be written (ENOSPC)\n')
    assert.equal(status, 6)
  })

  it('below stderr is told by nothing, and changes no end', () => {
    assert.equal(ended('nonsense 2>/dev/full').status, 2)
  })
})

describe('report', { concurrency: 2 }, () => {
  const path = file('stored.json', stored)

  it('prints a stored result as a table', async (context) => {
    const { code, stdout, stderr } = await run(context, ['report', path])
    assert.deepEqual([code, stderr], [0, ''])
    for (const part of ['Short polling', 'WebSocket', 'Push latency p99', '───']) {
      assert.ok(stdout.includes(part), part)
    }
    assert.ok(!stdout.includes('\u001b'), 'colour without a terminal')
  })

  it('has colour without a terminal where that is asked for', async (context) => {
    for (const [forced, has] of [
      ['1', true],
      ['0', false],
    ] as const) {
      const { stdout } = await run(context, ['report', path], { FORCE_COLOR: forced })
      assert.equal(stdout.includes('\u001b'), has, forced)
    }
  })

  it('prints it as Markdown', async (context) => {
    const { code, stdout, stderr } = await run(context, ['report', path, '--format', 'markdown'])
    assert.deepEqual([code, stderr], [0, ''])
    assert.match(stdout, /^\|.*Server-Sent Events.*\|$/m)
  })

  it('prints it as the very same document', async (context) => {
    const { code, stdout, stderr } = await run(context, ['report', path, '--format', 'json'])
    assert.deepEqual([code, stderr], [0, ''])
    assert.deepEqual(parseResult(stdout), sampleResult())
  })
})
