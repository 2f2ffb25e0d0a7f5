import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { documentSchema } from '../result/document.ts'
import { sampleRun } from '../result/sample.conformance.ts'
import { amountOf, FIGURES, figureAt, figureOf, figuresWith, readFigure } from './catalogue.ts'
import type { Dimension } from './figure.ts'

/** What is known without measuring it, and what names the run. */
const NO_FIGURES = ['technique', 'repetition', 'point']

/** As much of a schema as there is to know here: what it is, and what is in it. */
interface Schema {
  readonly def: {
    readonly type: string
    readonly innerType?: Schema
    readonly element?: Schema
    readonly shape?: Readonly<Record<string, Schema>>
  }
}

/** Without what says that it may be missing. */
function bare(schema: Schema): Schema {
  const { innerType } = schema.def
  return innerType === undefined ? schema : bare(innerType)
}

/** The paths of numbers and truths in the schema's order, and what each is. */
function figuresOf(schema: Schema, before: readonly string[] = []): (readonly [string, string])[] {
  return Object.entries(schema.def.shape ?? {}).flatMap(([key, value]) => {
    const path = [...before, key].join('.')
    if (NO_FIGURES.includes(path)) return []
    const inner = bare(value)
    const { type } = inner.def
    if (type === 'object') return figuresOf(inner, [...before, key])
    return type === 'number' || type === 'boolean' ? [[path, type] as const] : []
  })
}

test('the catalogue has all figures of the document and no others, in its order', () => {
  const runs: Schema = bare(documentSchema.shape.runs)
  const written = figuresOf(runs.def.element ?? runs)
  assert.ok(written.length > 100, `${written.length}`)
  assert.deepEqual(
    FIGURES.map(({ path, dimension }) => [path, dimension === 'truth' ? 'boolean' : 'number']),
    written,
  )
})

test('a name says what a figure is measured in', () => {
  const named: Readonly<Partial<Record<Dimension, string>>> = {
    truth: 'partial interrupted host.sharedWithServer',
    milliseconds:
      'durationMs sampling.blockMs storm.queue.sampleMs storm.queue.longestGapMs liveness.silenceMs',
    utilisation:
      'lateness.othersCpuUtilisation server.cpuUtilisation server.idleCpuUtilisation bus.cpuUtilisation front.cpuUtilisation via.cpuUtilisation blackhole.cpuUtilisation generator.cpuUtilisation host.cpuUtilisation',
    ratio:
      'lateness.graveShare delivery.reach exchanges.emptyRatio front.waitedShare via.waitedShare storm.connects.herdShare',
    amount:
      'clients.held.mean clients.held.min clients.held.max clients.openSockets.mean clients.openSockets.min clients.openSockets.max chat.up.requestsPerMessage exchanges.requestsPerClientPerDay bus.receiptsPerEvent',
    bytes:
      'connect.tls.fullBytes connect.tls.resumedBytes chat.up.bytesSent chat.up.bytesReceived chat.up.bytesSentPerMessage chat.up.bytesReceivedPerMessage wire.bytesReceived wire.bytesSent wire.bytesPerDelivery throughput.bytesPerSecond server.rssBytes server.rssBytesPerClient bus.bytesPerEvent bus.bytesPerDelivery bus.rssBytes bus.bytesIn bus.bytesOut front.rssBytes front.rssBytesPerClient via.rssBytes via.rssBytesPerClient storm.cost.bytes storm.cost.bytesPerClient generator.rssBytes generator.rssBytesPerClient',
    rate: 'throughput.deliveriesPerSecond throughput.exchangesPerSecond storm.connects.peakPerSecond publisher.offeredPerSecond publisher.achievedPerSecond',
  }
  for (const [dimension, paths] of Object.entries(named)) {
    const measured = FIGURES.filter((one) => one.dimension === dimension)
    assert.deepEqual(
      measured.map(({ path }) => path),
      paths.split(' '),
    )
  }
  for (const { path, dimension } of FIGURES) {
    assert.equal(dimension === 'microseconds', /Us(?:Per|$)/.test(path), path)
  }
})

test('what is shown has a label, a place of its own, and a definition', () => {
  const shown = FIGURES.filter(
    ({ row, compared, overview }) => (row ?? compared ?? overview) !== undefined,
  )
  for (const { path, label, place, definition } of shown) {
    assert.ok(label !== undefined && place !== undefined && definition !== undefined, path)
  }
  assert.equal(new Set(shown.map(({ place }) => place)).size, shown.length)
  assert.equal(new Set(shown.map(({ label }) => label)).size, shown.length)
})

test('what may happen at all is a figure, too', () => {
  for (const { compared } of figuresWith('compared')) {
    if (compared.kind === 'fault') assert.equal(figureOf(compared.chances).dimension, 'count')
  }
})

test('a figure is read from a run, and is null where it has none', () => {
  const run = sampleRun('sse', { server: null })
  assert.equal(readFigure(run, figureOf('latency.p50Us')), run.latency.p50Us)
  assert.equal(readFigure(run, figureOf('partial')), false)
  assert.equal(amountOf(run, figureOf('partial')), null)
  assert.equal(readFigure(run, figureOf('server.rssBytes')), null)
  assert.equal(readFigure(run, { keys: ['constructor', 'length'] }), null)
})

test('causes of errors are figures by their names; nothing else is', () => {
  assert.equal(figureAt('errors.ECONNRESET')?.dimension, 'count')
  assert.equal(figureAt('errors.'), undefined)
  assert.equal(figureAt('latency'), undefined)
  assert.throws(() => figureOf('nothing.atAll'), /nothing\.atAll/)
})

test('the page on thresholds lists what one may name, and no other', () => {
  const page = readFileSync(new URL('../../docs/thresholds.md', import.meta.url), 'utf8')
  const table = page.slice(page.indexOf('| group '), page.indexOf('| `errors`'))
  const listed = [...table.matchAll(/^\| `([\w.]+)` +\|(.*)\|$/gm)].flatMap(
    ([, group = '', names = '']) =>
      [...names.matchAll(/`(\w+)`/g)].map(([, name = '']) =>
        name === group ? name : `${group}.${name}`,
      ),
  )
  const nameable = FIGURES.filter(({ descriptive }) => !descriptive).map(({ path }) => path)
  assert.deepEqual([...new Set(listed)].sort(), [...nameable].sort())
})

test('the page on comparisons lists what is compared, and how', () => {
  const page = readFileSync(new URL('../../docs/comparing.md', import.meta.url), 'utf8')
  const cells = [...page.matchAll(/^\| ([a-z].*?) +\| (by (?:chance|its schedule|repetitions)) /gm)]
  const listed = cells.map(([, label = '', how = '']) => [label, how])
  const HOW = {
    fault: 'by chance',
    deterministic: 'by its schedule',
    statistical: 'by repetitions',
  } as const
  const compared = figuresWith('compared').map(({ label = '', compared: { kind } }) => [
    `${label.charAt(0).toLowerCase()}${label.slice(1)}`,
    HOW[kind],
  ])
  assert.deepEqual(listed.sort(), compared.sort())
})
