import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it, test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { examine, printFindings } from './examination.ts'
import { type Finding, gravest, type Outcome } from './finding.ts'
import {
  groupFolders,
  type MachineReading,
  parseCpuMax,
  parseSwapUsed,
  parseSystemFiles,
  parseTimeWait,
} from './machine.ts'

const fine: MachineReading = {
  platform: 'linux',
  node: '22.12.0',
  openFiles: 20_000,
  systemFiles: { used: 1_000, most: 2_000_000 },
  localPorts: 28_232,
  timeWait: 100,
  timeWaitReuse: 2,
  listenQueue: 4_096,
  cores: 8,
  hostCores: 8,
  coreQuota: null,
  memoryBytes: 32e9,
  availableBytes: 24e9,
  swappedPages: 0,
  swapUsedBytes: 0,
  clock: { costNs: 60, stepNs: 20, source: 'tsc', sources: ['tsc', 'hpet'] },
  load: { busy: 0.01, stolen: 0 },
  loadAverage: 0.1,
  governor: 'performance',
  turbo: true,
  container: null,
}

/** macOS: neither /proc nor /sys. */
const silent: MachineReading = {
  ...fine,
  platform: 'darwin',
  openFiles: null,
  systemFiles: null,
  localPorts: null,
  timeWait: null,
  timeWaitReuse: null,
  listenQueue: null,
  availableBytes: null,
  swappedPages: null,
  swapUsedBytes: null,
  clock: { costNs: 60, stepNs: 40, source: null, sources: [] },
  load: { busy: 0.01, stolen: null },
  governor: null,
  turbo: null,
}

function find(code: string, reading: Partial<MachineReading>, clients: number | null): Finding {
  const finding = examine({ ...fine, ...reading }, clients).find((one) => one.code === code)
  assert.ok(finding, code)
  return finding
}

/** The code, what of the machine is another, the crowd, how it is judged, what is said, the fix. */
const cases: readonly (readonly [
  string,
  Partial<MachineReading>,
  number | null,
  Outcome,
  RegExp,
  RegExp?,
])[] = [
  [
    'open-files',
    {},
    100_000,
    'ok',
    /19,744 clients in each: 100,000 clients need at least 6 workers/,
  ],
  ['open-files', {}, 1, 'ok', /1 client needs at least 1 worker /],
  [
    'open-files',
    { openFiles: 1_024 },
    null,
    'warn',
    /768 clients in each/,
    /^sudo prlimit --pid \$\$/,
  ],
  ['open-files', { openFiles: 1_024 }, 500, 'ok', /500 clients need at least 1 worker /],
  [
    'open-files',
    { openFiles: 64 },
    500,
    'fail',
    /^a process may open 64 files, and needs 64 /,
    /prlimit/,
  ],
  [
    'open-files',
    { openFiles: 1_024, container: 'docker' },
    null,
    'warn',
    /768/,
    /^docker run --ulimit/,
  ],
  [
    'open-files',
    { openFiles: 1_024, container: 'kubernetes' },
    null,
    'warn',
    /768/,
    /^on the node, .*LimitNOFILE=/,
  ],
  [
    'system-files',
    { systemFiles: { used: 0, most: 10_000 } },
    null,
    'warn',
    /room for 5,000/,
    /fs\.file-max=120000$/,
  ],
  ['system-files', { systemFiles: { used: 0, most: 10_000 } }, 5_000, 'ok', /room for 5,000/],
  [
    'system-files',
    { systemFiles: { used: 0, most: 10_000 } },
    5_001,
    'fail',
    /5,000/,
    /fs\.file-max=110002$/,
  ],
  [
    'local-ports',
    {},
    null,
    'ok',
    /^this machine has 27,976 local ports to spare for connections to one server: .* more ports/,
  ],
  [
    'local-ports',
    { localPorts: 1_000 },
    null,
    'warn',
    /744 local ports/,
    /ip_local_port_range="1024 65535"/,
  ],
  [
    'local-ports',
    { localPorts: 200 },
    10,
    'fail',
    /^this machine has 0 local ports/,
    /ip_local_port_range/,
  ],
  ['clients', { openFiles: 64 }, 500, 'fail', /^a process may open 64 files, and/, /ulimit -n/],
  ['clients', { localPorts: 200 }, 10, 'fail', /^this machine has 0 local ports/, /widen/],
  ['time-wait', { timeWait: 20_000 }, null, 'warn', /20,000 in TIME_WAIT/, /^sleep 60$/],
  ['time-wait', { timeWait: 20_000, timeWaitReuse: 0 }, null, 'warn', /slower/, /tcp_tw_reuse=2/],
  [
    'listen-queue',
    { listenQueue: 128, container: 'docker' },
    null,
    'warn',
    /128 connections/,
    /^docker run --sysctl net\.core\.somaxconn=4096 …$/,
  ],
  [
    'system-files',
    { systemFiles: { used: 9, most: 2 ** 63 } },
    1e7,
    'ok',
    /^no limit .* 9 in use$/,
  ],
  ['listen-queue', { listenQueue: 128 }, null, 'warn', /128 connections/, /somaxconn=4096/],
  ['clients', {}, 100_000, 'ok', /100,000 clients .* 6 workers, 6 server instances/],
  ['clients', {}, null, 'ok', /about \d+0,000 at the most/],
  ['clients', {}, 2_000_000, 'fail', /take about \d+ GB/, /fewer|use about [\d,]+ --clients/],
  ['clients', { availableBytes: null }, null, 'ok', /as a scenario may ask for$/],
  ['node', { node: '20.18.1' }, null, 'ok', /supported/],
  ['node', { node: '20.18.0' }, null, 'fail', /older than 20\.18\.1/, /nvm install/],
  ['node', { node: '18.20.4' }, null, 'fail', /older/, /nvm install/],
  ['node', { node: '23.1.0' }, null, 'warn', /long-term/, /nvm install/],
  ['cores', { cores: 1 }, null, 'warn', /take turns/, /--url/],
  ['cores', { cores: 2 }, null, 'ok', /one each/],
  ['cores', { coreQuota: 1.5 }, null, 'warn', /grants the time of 1\.5/, /CPUQuota= /],
  ['cores', { coreQuota: 0.5, container: 'podman' }, null, 'warn', /0\.5/, /^podman run .* 0-0 /],
  ['cores', { coreQuota: 2, container: 'kubernetes' }, null, 'warn', /2:/, /limits\.cpu/],
  ['cores', { coreQuota: 8 }, null, 'ok', /^8: /],
  ['memory', { availableBytes: 5e8 }, null, 'warn', /0\.50 GB of 32 GB/, /sort=-rss/],
  ['swap', { swapUsedBytes: 2e9 }, null, 'ok', /2\.0 GB in use$/],
  ['swap', { swapUsedBytes: 2e9, swappedPages: 9 }, null, 'warn', /to and fro/, /swappiness/],
  [
    'clock',
    { clock: { costNs: 1_800, stepNs: 70, source: 'hpet', sources: ['hpet', 'tsc'] } },
    null,
    'warn',
    /hpet: a reading takes 1\.8 µs/,
    /^echo tsc \| sudo tee \/sys\/devices\/system\/clocksource/,
  ],
  [
    'clock',
    { clock: { costNs: 90, stepNs: 15e6, source: null, sources: [] } },
    null,
    'warn',
    /least step is 15 ms/,
    /another machine/,
  ],
  ['other-load', { load: { busy: 0.3, stolen: 0 } }, null, 'warn', /30 % of 8 cores/, /^ps /],
  ['other-load', { load: { busy: 0.9, stolen: 0 } }, null, 'fail', /90 %/, /^ps /],
  ['other-load', {}, null, 'ok', /^1 % of 8 cores busy, a load of 0\.1 in the last minute$/],
  [
    'other-load',
    { hostCores: 64 },
    null,
    'ok',
    /busy, a load of 0\.1 on all 64 in the last minute$/,
  ],
  ['other-load', { load: null }, null, 'unknown', /not told/],
  [
    'steal',
    { load: { busy: 0, stolen: 0.051 } },
    null,
    'warn',
    /5\.1 % went to others/,
    /dedicated/,
  ],
  ['governor', { governor: 'powersave', turbo: false }, null, 'warn', /turbo off/, /cpupower/],
  ['container', { container: 'podman' }, null, 'ok', /podman: its limits/],
]

describe('a machine is judged', () => {
  for (const [code, reading, clients, outcome, text, fix] of cases) {
    const whom = clients === null ? 'anybody' : clients
    it(`${code}: ${outcome} for ${whom}, ${JSON.stringify(reading)}`, () => {
      const finding = find(code, reading, clients)
      assert.equal(finding.outcome, outcome, finding.text)
      assert.match(finding.text, text)
      if (fix === undefined) assert.equal(finding.fix, null)
      else assert.match(finding.fix ?? '', fix)
    })
  }
})

test('a fine machine is fine for any crowd that it can hold', () => {
  for (const clients of [null, 1, 1_000, 100_000]) {
    for (const { code, outcome } of examine(fine, clients)) assert.equal(outcome, 'ok', code)
  }
})

test('all that is not fine has a fix, all in one line; what is not told stands in nobody’s way', () => {
  for (const [, reading, clients] of cases) {
    for (const { code, outcome, text, fix } of examine({ ...fine, ...reading }, clients)) {
      assert.equal(fix !== null, outcome === 'warn' || outcome === 'fail', code)
      assert.doesNotMatch(`${text}${fix ?? ''}`, /[\n\r]|undefined|NaN|null/, code)
    }
  }
  const findings = examine(silent, 1_000)
  assert.equal(gravest(findings), 'unknown')
  assert.deepEqual(
    findings.filter(({ outcome }) => outcome === 'unknown').map(({ code }) => code),
    [
      'open-files',
      'system-files',
      'local-ports',
      'time-wait',
      'listen-queue',
      'memory',
      'swap',
      'steal',
      'governor',
    ],
  )
})

test('the oldest Node is the one of the package', () => {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  const { engines } = JSON.parse(text)
  const oldest = /^>=([\d.]+)$/.exec(engines.node)?.[1] ?? ''
  assert.match(find('node', { node: '1.0.0' }, null).text, new RegExp(`older than ${oldest},`))
})

describe('findings are printed', () => {
  const findings = examine({ ...fine, openFiles: 64, cores: 1 }, null)

  for (const width of [40, 60, 80, 200]) {
    it(`within ${width} columns, the commands whole`, () => {
      const lines = printFindings(findings, { color: false, width }).split('\n')
      for (const line of lines) {
        assert.ok(line.length <= width || line.includes('fix: '), line)
        assert.equal(line, line.trimEnd())
      }
      assert.ok(
        lines.some((line) => line.endsWith('fix: sudo prlimit --pid $$ --nofile=100000:100000')),
      )
    })
  }

  it('with colour or without', () => {
    const plain = printFindings(findings, { color: false, width: 80 })
    const colored = printFindings(findings, { color: true, width: 80 })
    assert.notEqual(colored, plain)
    assert.equal(stripVTControlCharacters(colored), plain)
    assert.match(plain, /\n\n2 of 15 failed, 1 thing is worth a look\n$/)
    const failed = findings.filter(({ outcome }) => outcome !== 'warn')
    assert.match(printFindings(failed, { color: false, width: 80 }), /\n\n2 of 14 failed\n$/)
  })
})

test('texts of proc(5) are read', () => {
  assert.deepEqual(parseSystemFiles('1609\t0\t2466170'), { used: 1609, most: 2_466_170 })
  assert.equal(parseSystemFiles(''), null)
  const sockstat =
    'sockets: used 443\nTCP: inuse 406 orphan 0 tw 99470 alloc 406 mem 99\nUDP: inuse 0'
  assert.equal(parseTimeWait(sockstat), 99_470)
  assert.equal(parseTimeWait(''), null)
  assert.equal(parseSwapUsed('SwapTotal:  2000 kB\nSwapFree:  500 kB\n'), 1500 * 1024)
  assert.equal(parseSwapUsed('MemFree: 5 kB'), null)
  assert.deepEqual(['max 100000', '150000 100000', '-1 100000', 'null null', ''].map(parseCpuMax), [
    null,
    1.5,
    null,
    null,
    null,
  ])
  assert.deepEqual(groupFolders('1:cpu:/x\n0::/a.slice/b.service'), [
    '',
    '/a.slice',
    '/a.slice/b.service',
  ])
  assert.deepEqual(['0::/', ''].map(groupFolders), [[''], ['']])
})
