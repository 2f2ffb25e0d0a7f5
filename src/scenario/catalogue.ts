/**
 * The keys of a scenario, in the order in which they are reported. Schema, flags and their help,
 * variables, the printed and the commented scenario, its record in a result and what a report says
 * of it all follow from here. A comment above an entry is what an editor shows of the API's scenario.
 */
import { BALANCES } from '../balancer/balancer.ts'
import { balancerNames } from '../balancer/registry.ts'
import { proxyNames } from '../via/registry.ts'
import { CONFIGURATIONS } from '../via/via.ts'
import { refuseDisruption, WRITTEN_DISRUPTION } from './disruption.ts'
import { refuseTargetUrl } from './http.ts'
import type { Beginning, KeyEntry } from './key.ts'
import { describedWithoutSecrets, withoutSecrets } from './secret.ts'
import type { TargetDescription } from './target.ts'
import { WRITTEN_THRESHOLD } from './threshold.ts'
import { transportMeant, writtenNames } from './transport-name.ts'
import { formatWhole, isPlainNumber, WRITTEN, writeBytes, writeRate } from './units.ts'
import * as values from './values.ts'

const MOST_PAYLOAD_BYTES = 64 * 1024
const MOST_REPETITIONS = 1000
/** Members of a room, and what each sends. */
const USUAL_ROOM = 10
const USUAL_SEND_RATE = 0.1
/** Which part of a wait is chance: all of it, half, or nothing. */
const BACKOFFS = ['full-jitter', 'equal', 'none'] as const

function writtenRate(rate: number): string | number {
  const text = writeRate(rate)
  return isPlainNumber(text) ? rate : text
}

export const CATALOGUE = {
  name: {
    group: 'The result',
    argument: 'name',
    meaning: 'name of the result',
    usualWords: "the file's name, or transports and clients",
    examples: ['nightly'],
    field: (kit) =>
      kit.words(
        'at most 64 letters, digits, ".", "_" or "-" that can name a file',
        values.refuseName,
        values.writtenText(values.NAME),
      ),
    fallback: (_, { usualName }) => usualName,
    kept: (kit) => kit.KEPT.text,
  },
  description: {
    group: 'The result',
    meaning: 'what the scenario is about, kept in the result',
    usualWords: 'none',
    examples: ['1,000 clients on one channel'],
    field: (kit) =>
      kit.words('at most 1,000 characters', values.refuseDescription, {
        maxLength: values.MOST_DESCRIPTION,
      }),
    fallback: () => '',
    kept: (kit) => kit.KEPT.text,
  },
  /** `sse`, `sse,websocket`, `['sse', 'websocket']` or `all`; they run in this order. */
  transport: {
    group: 'What happens',
    argument: 'names',
    meaning: 'comma-separated names, or all',
    usual: 'all',
    examples: ['sse', 'sse,websocket', ['sse', 'websocket']],
    field: (kit, bounds) => {
      const { transportNames } = bounds
      return kit.list(
        `all, or some of ${transportNames.join(', ')}`,
        (items, index) => values.refuseTransport(items, index, transportNames),
        values.writtenItems(writtenNames(bounds), ['all', ...transportNames]),
        (word) => transportMeant(word, bounds),
      )
    },
    name: 'transports',
    kept: (kit) => kit.KEPT.texts,
    label: 'Techniques',
  },
  /** Virtual clients per transport. */
  clients: {
    group: 'What happens',
    argument: 'count',
    meaning: 'virtual clients per transport, such as 500 or 10k',
    usual: 1000,
    examples: ['10k', 500],
    field: (kit) =>
      kit.quantity(
        'a count',
        'a whole number such as 1000, or a count such as 10k',
        values.clients,
        values.writtenCount(values.MOST_CLIENTS),
      ),
    unit: 'clients',
    kept: (kit) => kit.KEPT.count,
    isSwept: true,
    label: 'Clients',
  },
  /** `push`: the server tells clients; or `chat`: they send to the others of their channel, a room. */
  workload: {
    group: 'What happens',
    argument: 'kind',
    meaning: 'push, or chat: clients send to each other, in rooms',
    usual: 'push',
    examples: ['chat'],
    field: (kit) => kit.choice(['push', 'chat']),
    // Older results know no other.
    kept: (kit) => kit.choice(['push', 'chat']).default('push'),
    label: 'Workload',
    shownAs: { push: '' },
  },
  /** Messages per second of each client. */
  sendRate: {
    group: 'What happens',
    argument: 'messages',
    meaning: 'messages per second of each client in a chat, such as 0.1, 6/min or 20/day',
    usualWords: 'in a chat 0.1',
    examples: ['6/min', '20/day', '1/100s', 1],
    field: (kit) =>
      kit.quantity(
        'a rate',
        'messages per second and client, such as 0.1, 6/min, 20/day or 1/100s',
        values.sendRate,
        [values.writtenNumber(0, values.MOST_EVENTS_PER_SECOND), values.writtenText(WRITTEN.rate)],
      ),
    fallback: (_, { workload }: Beginning): number | null =>
      workload === 'chat' ? USUAL_SEND_RATE : null,
    unit: 'messages/s',
    written: writtenRate,
    kept: (kit) => kit.KEPT.amount.nullable().default(null),
    label: 'Each client sends',
    shownAs: { null: '' },
  },
  /** The steady window: `10s`. */
  duration: {
    group: 'How long',
    argument: 'time',
    meaning: 'steady window, such as 30s',
    usual: '10s',
    examples: ['30s', '2m'],
    field: (kit) =>
      kit.time('a duration such as 500ms, 10s or 2m', values.duration(1, values.WEEK)),
    name: 'durationMs',
    unit: 'ms',
    kept: (kit) => kit.KEPT.positive,
    label: 'Window',
  },
  /** Published and delivered, but not measured, before the steady window: `2s`, or 0. */
  warmup: {
    group: 'How long',
    argument: 'time',
    meaning: 'published but not measured before it',
    usual: '3s',
    usualWords: 'at most half of the duration',
    examples: ['500ms', 0],
    field: (kit) =>
      kit.timeOrZero('a duration such as 500ms or 2s, or 0', values.durationOrZero(0, values.WEEK)),
    // Who asks for a run of a second has not asked for a warm-up of three.
    fallback: (usual: number, { durationMs }: Beginning) =>
      Math.min(usual, Math.floor(durationMs * 500) / 1000),
    name: 'warmupMs',
    unit: 'ms',
    kept: (kit) => kit.KEPT.amount,
    label: 'Warm-up',
  },
  /** Over which connecting is spread: `5s`, or `auto`, null once resolved: as fast as is safe. */
  rampUp: {
    group: 'How long',
    argument: 'time',
    meaning: 'spread connecting over this time',
    usual: 'auto',
    examples: ['5s'],
    field: (kit) => kit.time('auto, or a duration such as 5s', values.rampUp, ['auto']),
    name: 'rampUpMs',
    unit: 'ms',
    kept: (kit) => kit.KEPT.amount.nullable(),
    label: 'Ramp-up',
    shownAs: { null: 'auto' },
  },
  /** `per-client`, or so many channels shared by all clients: 1 is a `broadcast`. */
  channels: {
    group: 'What happens',
    argument: 'count',
    meaning: 'per-client, or a number; 1 is a broadcast',
    // Enough events for a p99 in ten seconds, and as many hear each as there are clients for it:
    // what several clients hear shows what a technique costs beside what taking it in costs.
    usual: 100,
    usualWords: 'of fewer clients per-client, in a chat rooms of 10',
    examples: ['broadcast', 'per-client'],
    field: (kit) =>
      kit.quantity(
        'a number of channels',
        'per-client, broadcast, or a whole number of at least 1',
        values.channels,
        values.writtenCount(values.MOST_CLIENTS),
        ['per-client', 'broadcast'],
      ),
    fallback: (usual: number, { clients, workload }: Beginning): number | 'per-client' => {
      if (workload === 'chat') return Math.max(1, Math.round(clients / USUAL_ROOM))
      return clients > usual ? usual : 'per-client'
    },
    unit: 'channels',
    kept: (kit) => kit.KEPT.oneOrMore('per-client'),
    isSwept: true,
    label: 'Channels',
    shownAs: { 'per-client': 'one per client' },
  },
  /** Events per second and channel. */
  rate: {
    group: 'What happens',
    argument: 'events',
    meaning: 'events per second and channel, such as 0.1, 6/min or 20/day',
    usual: 0.2,
    usualWords: "in a chat what its clients' messages come to",
    examples: ['6/min', '20/day', '1/100s', 1],
    field: (kit) =>
      kit.quantity(
        'a rate',
        'events per second and channel, such as 0.1, 1k, 6/min, 20/day or 1/100s, or 0 for none',
        values.rate,
        [values.writtenNumber(0, values.MOST_EVENTS_PER_SECOND), values.writtenText(WRITTEN.rate)],
      ),
    unit: 'events/s',
    written: writtenRate,
    kept: (kit) => kit.KEPT.amount,
    isSwept: true,
    label: 'Rate',
  },
  arrivals: {
    group: 'What happens',
    argument: 'kind',
    meaning: 'poisson or constant',
    usual: 'poisson',
    examples: ['constant'],
    field: (kit) => kit.choice(['poisson', 'constant']),
    kept: (kit) => kit.choice(['poisson', 'constant']),
    label: 'Arrivals',
  },
  /** Bytes of an event's data, its mark included. */
  payload: {
    group: 'What happens',
    argument: 'bytes',
    meaning: "bytes of an event's data, such as 4KiB",
    usual: 128,
    examples: ['4KiB', 1000],
    field: (kit, { minPayloadBytes }) =>
      kit.quantity(
        'a size',
        `${writeBytes(minPayloadBytes)} (its mark) to ${writeBytes(MOST_PAYLOAD_BYTES)}, such as 128 or 4KiB`,
        (input) =>
          values.within(values.size(input), minPayloadBytes, MOST_PAYLOAD_BYTES, writeBytes),
        [
          values.writtenInteger(minPayloadBytes, MOST_PAYLOAD_BYTES),
          values.writtenText(WRITTEN.size),
        ],
      ),
    name: 'payloadBytes',
    unit: 'bytes',
    kept: (kit) => kit.KEPT.count,
    isSwept: true,
    label: 'Payload',
  },
  /** What is done to the run on purpose: `cut=30%@10s`, or several. */
  disrupt: {
    group: 'What happens',
    argument: 'what@when',
    meaning: "fail on purpose, such as 'cut=30%@5s' or kill-instance@5s; repeatable",
    usualWords: 'nothing',
    examples: ['cut=30%@5s', ['kill-instance@2s', 'blackhole=30%/3s@5s']],
    field: (kit) =>
      kit.list(
        'what and when, such as cut=30%@5s, blackhole=30%/3s@5s or kill-instance@5s',
        refuseDisruption,
        values.writtenItems(WRITTEN_DISRUPTION),
      ),
    fallback: (): readonly string[] => [],
    name: 'disruptions',
    // Nothing was done to the runs of older results.
    kept: (kit) => kit.KEPT.texts.default([]),
    label: 'Disruptions',
    shownAs: { '': '' },
  },
  /** The short poller's: `1s`, or 0 to ask again at once. */
  interval: {
    group: 'The techniques',
    argument: 'time',
    meaning: "the short poller's interval; 0 asks at once",
    usual: '1s',
    examples: ['500ms', 0],
    field: (kit) =>
      kit.timeOrZero(
        'a duration from 1ms to 1h, or 0 to ask again at once',
        values.durationOrZero(1, values.HOUR),
      ),
    name: 'intervalMs',
    unit: 'ms',
    kept: (kit) => kit.KEPT.amount,
    isSwept: true,
    concerns: ({ traits }) => traits.keepsInterval,
    label: 'Poll interval',
    shownAs: { 0: 'at once' },
  },
  /** The longest that a long poll is held: `30s`. */
  hold: {
    group: 'The techniques',
    argument: 'time',
    meaning: 'longest that a long poll is held',
    usual: '30s',
    examples: ['5s'],
    field: (kit) =>
      kit.time(
        'a duration from 100ms to 10m, such as 30s',
        values.duration(100, 10 * values.MINUTE),
      ),
    name: 'holdMs',
    unit: 'ms',
    kept: (kit) => kit.KEPT.amount,
    isSwept: true,
    concerns: ({ hasExchanges, traits }) => hasExchanges && !traits.keepsInterval,
    label: 'Long polls held',
  },
  /** Whether clients give up a connection on which the server has gone silent. */
  liveness: {
    group: 'The techniques',
    argument: 'kind',
    meaning: 'on: clients give up a connection that goes silent; off: as EventSource in a browser',
    usual: 'on',
    examples: ['off'],
    field: (kit) => kit.choice(['on', 'off']),
    // Clients of older results did not watch.
    kept: (kit) => kit.choice(['on', 'off']).default('off'),
    label: 'Liveness',
    shownAs: { on: '' },
  },
  /** How clients that lost their connection wait before they connect anew. */
  backoff: {
    group: 'The techniques',
    argument: 'kind',
    meaning: 'chance in the waits before connecting anew: full-jitter, equal or none',
    usual: 'full-jitter',
    examples: ['none'],
    field: (kit) => kit.choice(BACKOFFS),
    // Clients of older results had full jitter.
    kept: (kit) => kit.choice(BACKOFFS).default('full-jitter'),
    label: 'Backoff',
    shownAs: { 'full-jitter': '' },
  },
  /** Between a stream's comments and between a socket's pings: `5s`; null once resolved is the server's own. */
  heartbeat: {
    group: 'The techniques',
    argument: 'time',
    meaning: 'between heartbeats of the own server on held connections',
    usual: 'auto',
    usualWords: '15s on a stream, 25s on a WebSocket',
    examples: ['1s'],
    field: (kit) =>
      kit.time('auto, or a duration from 50ms to 10m, such as 5s', values.heartbeat, ['auto']),
    name: 'heartbeatMs',
    unit: 'ms',
    // Older results had the server's own.
    kept: (kit) => kit.KEPT.positive.nullable().default(null),
    label: 'Heartbeat',
    shownAs: { null: '' },
  },
  /** On what the clients run: sockets and parsers of rtbench's own, or undici and ws. */
  engine: {
    group: 'The techniques',
    argument: 'kind',
    meaning: 'lean, or library: clients on undici and ws',
    usual: 'lean',
    examples: ['library'],
    field: (kit) => kit.choice(['lean', 'library']),
    // The first results had one engine, and did not name it.
    kept: (kit) => kit.choice(['lean', 'library']).default('lean'),
    label: 'Engine',
  },
  /** The version that clients speak: 2 over streams of connections that they may share. */
  http: {
    group: 'The techniques',
    argument: 'number',
    meaning: 'version of HTTP that clients speak: 1 is HTTP/1.1',
    usual: 1,
    examples: [2],
    field: (kit) =>
      kit.quantity<number, number>('a version', '1 or 2', values.httpVersion, [{ enum: [1, 2] }]),
    // Older results knew no other.
    kept: (kit) => kit.KEPT.positiveCount.default(1),
    label: 'HTTP',
    shownAs: { 1: '' },
  },
  /** Clients that share a connection of HTTP/2, a stream each. */
  streamsPerConnection: {
    group: 'The techniques',
    argument: 'count',
    meaning: 'clients that share a connection of HTTP/2',
    usual: 1,
    examples: [100],
    field: (kit) =>
      kit.quantity(
        'a count',
        'a whole number such as 100, or a count such as 1k',
        values.clients,
        values.writtenCount(values.MOST_CLIENTS),
      ),
    kept: (kit) => kit.KEPT.positiveCount.default(1),
    label: 'Clients per connection',
    shownAs: { 1: '' },
  },
  /** The own server speaks TLS, with a certificate made for the run. */
  tls: {
    group: 'The techniques',
    isSwitch: true,
    meaning: 'over TLS: the own server shows a certificate that is made for the run',
    usual: false,
    examples: [true],
    field: (kit) => kit.truth(),
    // Older results had none, or the scheme of their url says it.
    kept: (kit) => kit.KEPT.truth.default(false),
    label: 'TLS',
    shownAs: { false: '' },
  },
  /** Server processes, or `auto`. */
  instances: {
    group: 'The machine',
    argument: 'count',
    meaning: 'server processes',
    usual: 'auto',
    examples: [2],
    field: (kit) => kit.processes(),
    unit: 'instances',
    kept: (kit) => kit.KEPT.oneOrMore('auto'),
    isSwept: true,
    label: 'Instances',
  },
  /** Swarm processes, or `auto`. */
  workers: {
    group: 'The machine',
    argument: 'count',
    meaning: 'swarm processes',
    usual: 'auto',
    examples: [2],
    field: (kit) => kit.processes(),
    kept: (kit) => kit.KEPT.oneOrMore('auto'),
    label: 'Workers',
  },
  /** `memory`: a bus of rtbench's own; `none`; or the URL of a server that is running: `redis://127.0.0.1`. */
  backplane: {
    group: 'The machine',
    argument: 'bus',
    meaning: 'what carries events between instances',
    usual: 'memory',
    examples: ['none'],
    field: (kit) =>
      kit.words(
        'memory, none, or the URL of a bus, such as redis://127.0.0.1:6379',
        values.refuseBackplane,
        values.writtenText('memory|none|[A-Za-z][\\w+.-]*:\\/\\/\\S+'),
      ),
    written: (url: string) => withoutSecrets(url),
    kept: (kit) => kit.KEPT.text,
    label: 'Backplane',
  },
  /** To which instances the bus brings an event: all, or those that have clients of its channel. */
  busRouting: {
    group: 'The machine',
    argument: 'kind',
    meaning: 'whether the bus brings an event to all instances, or where it is wanted',
    usual: 'broadcast',
    examples: ['by-channel'],
    field: (kit) => kit.choice(['broadcast', 'by-channel']),
    // Older results had no bus.
    kept: (kit) => kit.choice(['broadcast', 'by-channel']).default('broadcast'),
    label: 'Bus routing',
  },
  /** A front that is started before the instances, by which clients come to them: `haproxy`. */
  front: {
    group: 'The machine',
    argument: 'name',
    meaning: 'a front before the instances, which clients go through: haproxy or nginx',
    usual: 'none',
    examples: ['haproxy', 'nginx'],
    field: (kit) => kit.choice(['none', ...balancerNames]),
    // Older results have none, and do not say so.
    kept: (kit) => kit.KEPT.text.default('none'),
    label: 'Front',
  },
  balance: {
    group: 'The machine',
    argument: 'way',
    meaning: 'how the front chooses the instance of a request',
    usual: 'round-robin',
    examples: ['least-connections', 'cookie', 'hash'],
    field: (kit) => kit.choice(BALANCES),
    kept: (kit) => kit.choice(BALANCES).default('round-robin'),
    label: 'Balance',
  },
  /** A proxy that is started between the clients and the own server: `nginx`; several are a matrix, which `probe` takes. */
  via: {
    group: 'The machine',
    argument: 'names',
    meaning: `a proxy between clients and server: ${proxyNames.join(', ')}`,
    usualWords: 'none',
    examples: ['nginx', 'squid', ['nginx', 'haproxy']],
    field: (kit) =>
      kit.list(
        `some of ${proxyNames.join(', ')}`,
        (items, index) => values.refuseKnown(items, index, 'a proxy', proxyNames),
        values.writtenItems(proxyNames.join('|'), proxyNames),
      ),
    fallback: (): readonly string[] => [],
    // Older results have none.
    kept: (kit) => kit.KEPT.texts.default([]),
    label: 'Via',
    shownAs: { '': '' },
  },
  /** The proxy's configuration: the minimal one of its documentation, or what each technique needs. */
  viaConfig: {
    group: 'The machine',
    argument: 'kinds',
    meaning: 'default: as its documentation has it; recommended: as each technique needs it',
    usual: 'default',
    examples: ['recommended', ['default', 'recommended']],
    field: (kit) =>
      kit.list(
        CONFIGURATIONS.join(' or '),
        (items, index) => values.refuseKnown(items, index, 'a configuration', CONFIGURATIONS),
        values.writtenItems(CONFIGURATIONS.join('|'), CONFIGURATIONS),
      ),
    kept: (kit) => kit.KEPT.texts.default(['default']),
    label: 'Via configuration',
    shownAs: { default: '' },
  },
  /** Of a server that is running already; null once resolved starts a reference server. */
  url: {
    group: "Somebody else's server",
    argument: 'url',
    meaning: 'measure a server that is running already: a reference server, or a target',
    usualWords: 'an own server',
    examples: ['http://127.0.0.1:8080'],
    field: (kit) =>
      kit.words(
        'a base URL with http:// or https://, such as http://127.0.0.1:8080',
        refuseTargetUrl,
        values.writtenText('[Hh][Tt][Tt][Pp][Ss]?:\\/\\/[^\\s?#]+'),
      ),
    fallback: () => null,
    kept: (kit) => kit.KEPT.text.nullable(),
    label: 'Server',
    shownAs: { null: 'its own' },
  },
  /** A file of authorities in PEM, which its certificate is held to in place of the usual ones. */
  ca: {
    group: "Somebody else's server",
    argument: 'file',
    meaning: 'certificates in PEM that the server at url is trusted by, in place of the usual ones',
    usualWords: "Node's own",
    examples: ['certificates/ca.pem'],
    field: (kit) => kit.words('the name of a file', values.refuseFileName),
    fallback: () => null,
    kept: (kit) => kit.KEPT.text.nullable().default(null),
    label: 'Trusted by',
    shownAs: { null: '' },
  },
  /** Whatever certificate it shows. */
  insecure: {
    group: "Somebody else's server",
    isSwitch: true,
    meaning: 'take any certificate of the server at url',
    usual: false,
    examples: [true],
    field: (kit) => kit.truth(),
    kept: (kit) => kit.KEPT.truth.default(false),
    label: 'Any certificate',
    shownAs: { false: '' },
  },
  clientCert: {
    group: "Somebody else's server",
    argument: 'file',
    meaning: 'certificate in PEM by which clients show the server at url who they are',
    usualWords: 'none',
    examples: ['certificates/client.pem'],
    field: (kit) => kit.words('the name of a file', values.refuseFileName),
    fallback: () => null,
    kept: (kit) => kit.KEPT.text.nullable().default(null),
    label: 'Client certificate',
    shownAs: { null: '' },
  },
  clientKey: {
    group: "Somebody else's server",
    argument: 'file',
    meaning: 'the key of that certificate, in PEM',
    usualWords: 'none',
    examples: ['certificates/client-key.pem'],
    field: (kit) => kit.words('the name of a file', values.refuseFileName),
    fallback: () => null,
    kept: (kit) => kit.KEPT.text.nullable().default(null),
  },
  /** The name that is asked for (SNI), and that its certificate must have. */
  serverName: {
    group: "Somebody else's server",
    argument: 'name',
    meaning: "name that the server at url is asked for by TLS, in place of the url's host",
    usualWords: "the url's host",
    examples: ['push.example.org'],
    field: (kit) =>
      kit.words('a name such as push.example.org', values.refuseServerName, {
        maxLength: values.MOST_SERVER_NAME,
      }),
    fallback: () => null,
    kept: (kit) => kit.KEPT.text.nullable().default(null),
    label: 'Asked for as',
    shownAs: { null: '' },
  },
  /** How to speak to that server, when it is no reference server. */
  target: {
    group: "Somebody else's server",
    meaning: 'how to speak to the server at url, when it is no reference server: docs/targets.md',
    usualWords: 'a reference server',
    examples: [
      {
        publish: { path: '/publish/{channel}', body: '{data}' },
        sse: { path: '/events/{channel}' },
      },
    ],
    field: (kit, bounds) => kit.targetSchema(bounds, bounds.endpointKeys),
    fallback: () => null,
    written: ({ publish, endpoints }: TargetDescription) =>
      describedWithoutSecrets({ ...(publish === null ? {} : { publish }), ...endpoints }),
    // Null, or not there, for a reference server.
    kept: (kit) => kit.keptTarget.nullable().optional(),
  },
  repeat: {
    group: 'How long',
    argument: 'count',
    meaning: 'repetitions of every transport',
    usual: 1,
    examples: [5],
    field: (kit) =>
      kit.quantity(
        'a count',
        `a whole number from 1 to ${formatWhole(MOST_REPETITIONS)}`,
        (input) => values.within(values.count(input), 1, MOST_REPETITIONS, formatWhole),
        values.writtenCount(MOST_REPETITIONS),
      ),
    unit: 'repetitions',
    kept: (kit) => kit.KEPT.positiveCount,
    label: 'Repetitions',
  },
  /** `interval=500ms,1s`, or `{ interval: ['500ms', '1s'] }`. */
  sweep: {
    group: 'What happens',
    argument: 'key=values',
    meaning: 'measure at each value of a key, such as interval=500ms,1s,2s',
    usual: 'none',
    examples: ['interval=500ms,1s,2s,5s', { rate: ['1/100s', 0.1, 1, 10] }],
    field: (kit, { sweepKeys }) => kit.sweepField(sweepKeys),
  },
  /** Conditions on a run's figures: `p99<200ms`, or several. */
  threshold: {
    group: 'The result',
    argument: 'condition',
    meaning: "such as 'p99<200ms'; repeatable",
    usualWords: 'none',
    examples: ['p99<200ms', ['lost==0', 'p99<200ms']],
    field: (kit) =>
      kit.list(
        'a condition such as p99<200ms, lost==0 or reach>=99.9%',
        values.refuseThreshold,
        values.writtenItems(WRITTEN_THRESHOLD),
      ),
    fallback: (): readonly string[] => [],
    name: 'thresholds',
    kept: (kit) => kit.KEPT.texts,
    label: 'Thresholds',
    shownAs: { '': 'none' },
  },
  /** Of the schedule and of all phases: an unsigned 32-bit integer. */
  seed: {
    group: 'The result',
    argument: 'number',
    meaning: 'of the schedule and all phases',
    usualWords: 'random, printed',
    examples: [1],
    field: (kit) =>
      kit.quantity<number, number>('a number', 'a whole number from 0 to 4294967295', values.seed, [
        values.writtenInteger(0, 2 ** 32 - 1),
      ]),
    fallback: (_, { randomSeed }) => randomSeed() >>> 0,
    kept: (kit) => kit.KEPT.count,
    label: 'Seed',
  },
} as const satisfies Readonly<Record<string, KeyEntry>>
