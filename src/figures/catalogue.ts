/**
 * The catalogue of figures: one entry for each number of a run, in the document's order. Tables,
 * comparisons, thresholds, exports and the definitions on a page take what they say of a figure from
 * here; a test holds it to the document's schema. A new figure is a line in the schema, its
 * computation, and an entry.
 */
import type { Dimension, Fault, Figure, Need, Shown, Statistical } from './figure.ts'

/** What a figure is measured in, by what its path ends in or has in it: the first that fits. */
const BY_NAME: readonly (readonly [pattern: RegExp, dimension: Dimension])[] = [
  [/^(?:partial|interrupted|host\.sharedWithServer)$/, 'truth'],
  [/bytes/i, 'bytes'],
  [/Us(?:Per|$)/, 'microseconds'],
  [/Ms$/, 'milliseconds'],
  [/PerSecond$/, 'rate'],
  [/Utilisation$/, 'utilisation'],
  [/(?:Ratio|Share|\.reach)$/, 'ratio'],
  [/Per(?:Day|Message|Event)$|\.(?:held|openSockets)\./, 'amount'],
]

function figure(path: string, shown: Shown = {}): Figure {
  const dimension = BY_NAME.find(([pattern]) => pattern.test(path))?.[1] ?? 'count'
  return { path, keys: path.split('.'), dimension, ...shown }
}

/** A figure that is shown, or compared, at a place of its own. */
function shown(path: string, place: number, label: string, more: Shown): Figure {
  return figure(path, { place, label, ...more })
}

/** Figures of one group, by their names, of which nothing else is to be said. */
function plain(group: string, names: string, common?: Shown): readonly Figure[] {
  return names.split(' ').map((name) => figure(`${group}.${name}`, common))
}

const DESCRIPTIVE = { descriptive: true } as const
const SERVER = { needs: ['server'] } as const
const SERVED = { needs: ['server', 'deliveries'] } as const
const REQUESTS = { needs: ['requests'] } as const
const CHAT = { needs: ['chat'] } as const
/** A row of the table by which techniques are ranked. */
const ROW = { row: 'always', better: 'lower' } as const
/** One of those that are on the first screen. */
const FIRST = { ...ROW, row: 'first' } as const
/** A row that is left out where no run has the figure, and that ranks none. */
const EXTRA = { row: 'optional' } as const
/** The same, and on the first screen where some run has it. */
const FIRST_OF_CHAT = { row: 'first-optional', better: 'lower', needs: ['chat'] } as const
/** A row of runs in which clients lost their connection by a disruption. */
const STORM = { row: 'optional', better: 'lower' } as const
const FAULT: Fault = { kind: 'fault', chances: 'delivery.expected' }
const LATENCY: Statistical = { kind: 'statistical', movedBy: 'latency', isWait: true }
const CPU: Statistical = { kind: 'statistical', movedBy: 'cpu', isWait: false }
const MEMORY: Statistical = { ...CPU, movedBy: null }

/** The parts of a latency, each with the events that it takes. */
const SUMMARY = {
  minUs: 0,
  meanUs: 0,
  p50Us: 0,
  p90Us: 10,
  p95Us: 20,
  p99Us: 100,
  p999Us: 10_000,
  p9999Us: 100_000,
  maxUs: 0,
}

/** A latency's count and percentiles. */
function latencies(
  group: string,
  needs: readonly Need[],
  told: readonly Figure[] = [],
): readonly Figure[] {
  const parts = Object.entries(SUMMARY).map(([name, leastEvents]): Figure => {
    const path = `${group}.${name}`
    const part = told.find((one) => one.path === path) ?? figure(path)
    return { ...part, needs: [...needs, 'deliveries'], leastEvents }
  })
  return [figure(`${group}.count`, { needs }), ...parts]
}

/** What other windows like this one would show of a latency. */
function intervals(group: string): readonly Figure[] {
  return ['p50', 'p90', 'p95', 'p99', 'mean'].flatMap((name) =>
    plain(`${group}.${name}`, 'lowUs highUs', DESCRIPTIVE),
  )
}

/** All figures of a run, in the document's order. Tables by cause and lists have no fixed places and are left out. */
export const FIGURES: readonly Figure[] = [
  figure('seed', DESCRIPTIVE),
  figure('durationMs'),
  figure('partial', DESCRIPTIVE),
  figure('interrupted', DESCRIPTIVE),

  ...plain('clients', 'requested connected'),
  shown('clients.failed', 570, 'Clients not connected', {
    definition: 'Clients that were not subscribed when the window began, of those asked for.',
    compared: { kind: 'fault', chances: 'clients.requested' },
  }),
  ...plain('clients', 'lost proven cuts'),
  figure('clients.held.mean', {
    label: 'Held',
    definition:
      'Connections on which the server keeps an obligation, by its own count: the mean over the window.',
    ...SERVER,
  }),
  ...plain('clients.held', 'min max', SERVER),
  ...plain('clients.openSockets', 'mean min max'),

  figure('connect.p50Us'),
  shown('connect.p99Us', 290, 'Connect p99', {
    definition: 'Time to connect that one client in a hundred exceeds.',
    compared: { ...LATENCY, isWait: false, punctual: true },
  }),
  figure('connect.maxUs'),
  ...plain('connect.tls', 'full resumed'),
  shown('connect.tls.fullUs', 291, 'TLS handshake', {
    definition:
      'What a whole TLS handshake takes, beyond connecting: the median of some before the run, one after the other with nothing else under way.',
    ...EXTRA,
  }),
  figure('connect.tls.fullBytes', {
    label: 'TLS handshake, bytes',
    definition: 'Bytes of a whole TLS handshake, both ways, the ticket for the next one included.',
  }),
  shown('connect.tls.resumedUs', 292, 'TLS handshake, resumed', {
    definition:
      'The same of one that goes on with the session of an earlier connection, as a client does that comes back.',
    ...EXTRA,
  }),
  figure('connect.tls.resumedBytes', {
    label: 'TLS handshake, resumed, bytes',
    definition: 'Bytes of such a handshake, both ways.',
  }),

  ...latencies(
    'latency',
    [],
    [
      shown('latency.p50Us', 200, 'Push latency p50', {
        definition:
          'Median time from the intended publish to the receipt by a client. Two figures are its bounds: as if the instrument had been on time, and as observed. They are told where they differ by more than 5 %.',
        ...FIRST,
        compared: { ...LATENCY, primary: true },
        overview: true,
      }),
      shown('latency.p95Us', 210, 'Push latency p95', {
        definition: 'The same for the 95th of 100 deliveries.',
        ...ROW,
        compared: LATENCY,
      }),
      shown('latency.p99Us', 220, 'Push latency p99', {
        definition: 'The same for the 99th of 100 deliveries.',
        ...FIRST,
        compared: LATENCY,
        overview: true,
      }),
      shown('latency.p999Us', 230, 'Push latency p99.9', {
        definition: 'The same for the 999th of 1,000; from 10,000 events on.',
        ...EXTRA,
        better: 'lower',
      }),
      shown('latency.maxUs', 240, 'Push latency max', {
        definition: 'The slowest delivery.',
        ...ROW,
        compared: LATENCY,
      }),
      shown('latency.meanUs', 250, 'Push latency mean', {
        definition:
          'The mean of all deliveries; the next rows that begin with `Mean,` are its parts and add up to what was observed.',
        ...ROW,
        compared: LATENCY,
      }),
    ],
  ),
  ...latencies('latencyLowerBound', []),
  ...latencies(
    'serviceLatency',
    ['server'],
    [
      shown('serviceLatency.p99Us', 280, 'Service latency p99', {
        definition:
          'Time from the acceptance by the server to the receipt: without what delayed the publish itself.',
        ...ROW,
        compared: { ...LATENCY, punctual: true },
      }),
    ],
  ),

  ...plain('sampling', 'events blocks blockMs', DESCRIPTIVE),
  ...intervals('sampling.latency'),
  ...intervals('sampling.latencyLowerBound'),

  ...plain('lateness', 'slipUs askUs busyUs waitUs stallUs serverWaitUs graveShare'),
  ...plain('lateness', 'stalls longestStallUs othersCpuUtilisation'),

  shown('spent.slipUs', 260, 'Mean, sent late', {
    definition: "The instrument's own lateness: from the intended publish until it was sent.",
    ...EXTRA,
    ...SERVED,
  }),
  shown('spent.acceptUs', 261, 'Mean, until accepted', {
    definition: 'From there until the server had accepted the publish.',
    ...EXTRA,
    ...SERVED,
  }),
  shown('spent.fanOutUs', 262, 'Mean, in the fan-out', {
    definition:
      "From there until the server wrote to the client, after others: by the server's own clock.",
    ...EXTRA,
    ...SERVED,
  }),
  shown('spent.readUs', 263, 'Mean, until read', {
    definition:
      'From there until the client had read it; for a poller mostly the wait for its next question. What a front in between takes is in it.',
    ...EXTRA,
    ...SERVED,
  }),
  ...plain('fanOut', 'p99Us maxUs', SERVER),
  ...plain('probe', 'count p50Us'),
  shown('probe.p99Us', 270, 'Control probe p99', {
    definition:
      'Push latency p99 of one client that has a process for itself and stands last in the fan-out: what the others took longer was the instrument.',
    ...EXTRA,
  }),
  ...plain('probe', 'maxUs loopDelayP99Us loopDelayMaxUs cpuUs'),

  shown('chat.sent', 571, 'Messages sent', {
    definition: 'Messages that clients were to send in the window.',
    ...EXTRA,
    ...CHAT,
  }),
  shown('chat.acknowledged', 572, 'Acknowledged', {
    definition:
      'Messages sent that the server has acknowledged: each is owed to every member of its room once, the sender included. What is unknown may come, and need not.',
    row: 'first-optional',
    ...CHAT,
  }),
  shown('chat.refused', 573, 'Messages refused', {
    definition: 'Refused by the server, or never sent.',
    ...EXTRA,
    ...CHAT,
  }),
  shown('chat.unknown', 574, 'Messages unknown', {
    definition: 'Sent, and neither acknowledged nor refused.',
    ...EXTRA,
    ...CHAT,
  }),
  ...latencies(
    'chat.acknowledgement',
    ['chat'],
    [
      shown('chat.acknowledgement.p50Us', 275, 'Acknowledged p50', {
        definition:
          "Median time from a sender's intended time to the server's acknowledgement, with both bounds.",
        ...FIRST_OF_CHAT,
      }),
      shown('chat.acknowledgement.p99Us', 276, 'Acknowledged p99', {
        definition: 'The same for the 99th of 100 messages.',
        ...FIRST_OF_CHAT,
      }),
    ],
  ),
  ...latencies('chat.acknowledgementLowerBound', ['chat']),
  ...latencies(
    'chat.echo',
    ['chat'],
    [
      shown('chat.echo.p50Us', 277, 'Own message p50', {
        definition:
          "Median time from a sender's intended time until it receives its own message, with both bounds; push latency is that to every member of the room.",
        ...FIRST_OF_CHAT,
        row: 'optional',
      }),
      shown('chat.echo.p99Us', 278, 'Own message p99', {
        definition: 'The same for the 99th of 100 messages.',
        ...FIRST_OF_CHAT,
      }),
    ],
  ),
  ...latencies('chat.echoLowerBound', ['chat']),
  ...plain('chat.up', 'messages requests bytesSent bytesReceived', CHAT),
  shown('chat.up.requestsPerMessage', 350, 'Requests up', {
    definition:
      'Requests that clients made to send a message; none where their connection takes it.',
    ...FIRST_OF_CHAT,
  }),
  shown('chat.up.bytesSentPerMessage', 351, 'Bytes up', {
    definition: 'Bytes that clients sent for a message, headers and framing included.',
    ...FIRST_OF_CHAT,
  }),
  shown('chat.up.bytesReceivedPerMessage', 352, 'Bytes of the answer', {
    definition: 'Bytes that they received for its acknowledgement, likewise.',
    ...FIRST_OF_CHAT,
    row: 'optional',
  }),
  shown('chat.up.serverCpuUsPerMessage', 425, 'Server CPU up', {
    definition:
      'CPU time of all server processes for each message that is taken in and acknowledged and that nobody hears, measured before the window.',
    ...FIRST_OF_CHAT,
    needs: ['chat', 'server'],
  }),

  ...plain('delivery', 'published expected delivered'),
  shown('delivery.lost', 520, 'Lost', {
    definition: 'Deliveries that were expected and did not come until the end of the drain.',
    compared: FAULT,
    overview: true,
  }),
  shown('delivery.duplicates', 521, 'Duplicates', {
    definition: 'Deliveries of an event that the client had received before.',
    compared: FAULT,
  }),
  shown('delivery.outOfOrder', 522, 'Out of order', {
    definition: 'Deliveries of an event after a later one of its channel.',
    compared: FAULT,
  }),
  shown('delivery.reach', 550, 'Reach', {
    definition: 'Deliveries of those expected: events times the clients subscribed to them.',
    ...FIRST,
    better: 'higher',
  }),
  ...plain('delivery', 'damaged forged foreign'),
  shown('delivery.misrouted', 530, 'Misrouted', {
    definition: 'Deliveries of an event of a channel that the client did not ask for.',
    compared: FAULT,
  }),
  figure('delivery.unmarked'),
  shown('delivery.gapSignals', 531, 'Gaps in replays', {
    definition: 'Resumptions for which the server no longer had all events that were missed.',
    compared: FAULT,
  }),
  figure('delivery.gapped'),

  ...plain('exchanges', 'requests responses empty'),
  shown('exchanges.emptyRatio', 300, 'Empty responses', {
    definition: 'Responses that carried no event, of all responses.',
    ...FIRST,
    compared: { kind: 'deterministic', tolerance: 0.005, noise: 'emptyRatio' },
    overview: true,
    ...REQUESTS,
  }),
  shown('exchanges.requestsPerClientPerDay', 310, 'Requests per client and day', {
    definition: 'Requests in the window, scaled to one client and 24 hours.',
    ...FIRST,
    compared: { kind: 'deterministic', tolerance: 0.01, noise: 'requests' },
    ...REQUESTS,
  }),

  ...plain('wire', 'bytesReceived bytesSent'),
  shown('wire.bytesPerDelivery', 330, 'Bytes per delivery', {
    definition:
      'Bytes that clients received, headers and framing included, per delivery, duplicates included.',
    ...FIRST,
    compared: { kind: 'deterministic', tolerance: 0.01, noise: 'bytes' },
    overview: true,
    needs: ['deliveries'],
  }),
  shown('throughput.deliveriesPerSecond', 320, 'Deliveries per second', {
    definition: 'Events received by all clients together, duplicates included.',
    ...ROW,
    better: 'higher',
  }),
  ...plain('throughput', 'exchangesPerSecond bytesPerSecond'),

  figure('server.instances', SERVER),
  shown('server.cpuUsPerDelivery', 400, 'Server CPU per delivery', {
    definition:
      'CPU time of all server processes for each event received, without what taking events in and being there took: what the technique costs. In brackets where it lies in 95 of 100 runs like this one.',
    ...FIRST,
    overview: true,
    ...SERVED,
  }),
  ...plain('server', 'cpuUtilisation rssBytes', SERVER),
  shown('server.rssBytesPerClient', 450, 'Server memory per client', {
    definition:
      'Resident memory of the server processes, divided by the clients asked for: of few clients mostly the process itself.',
    ...FIRST,
    compared: MEMORY,
    ...SERVER,
  }),
  figure('server.loopDelayP99Us', SERVER),
  shown('server.ingestCpuUsPerEvent', 420, 'Server CPU per event taken in', {
    definition:
      'CPU time of all server processes for each event that is published and that nobody hears, measured before the window.',
    ...EXTRA,
    ...SERVER,
  }),
  shown('server.idleCpuUtilisation', 430, 'Server CPU, nothing published', {
    definition:
      'Share of one core that the server processes were busy with while all clients were subscribed and nothing was published; of techniques that ask, it is part of what a delivery costs.',
    ...EXTRA,
    ...SERVER,
  }),
  shown('server.totalCpuUsPerDelivery', 410, 'Server CPU, all, per delivery', {
    definition:
      'CPU time of all server processes for each event received, with what taking events in and being there took.',
    compared: { ...CPU, primary: true },
    ...SERVED,
  }),
  figure('server.slowConsumers', SERVER),

  shown('bus.bytesPerEvent', 340, 'Bus bytes per event', {
    definition:
      'Bytes that all instances handed to their bus and got from it, for each event published.',
    ...EXTRA,
    ...SERVER,
  }),
  shown('bus.bytesPerDelivery', 341, 'Bus bytes per delivery', {
    definition: 'The same for each event that a client received.',
    ...EXTRA,
    ...SERVED,
  }),
  shown('bus.hopMeanUs', 266, 'Mean, over the bus', {
    definition:
      'From the acceptance of an event by one instance until an instance had it from the bus, over all instances: part of the server’s share.',
    ...EXTRA,
    ...SERVER,
  }),
  ...latencies(
    'bus.added',
    ['server'],
    [
      shown('bus.added.p50Us', 268, 'Added by the bus p50', {
        definition:
          'Median time from the acceptance of an event by one instance until an instance had it from the bus: without a bus it would have been handed on at once. In brackets where it lies in 95 of 100 windows like this one.',
        ...EXTRA,
      }),
      shown('bus.added.p99Us', 269, 'Added by the bus p99', {
        definition: 'The same for the 99th of 100 events at an instance.',
        ...EXTRA,
      }),
    ],
  ),
  ...intervals('bus.addedIntervals'),
  shown('bus.receiptsPerEvent', 342, 'Bus hops per event', {
    definition:
      'How often an event came over the bus to an instance: by broadcast once to each, by channel to those with clients of it.',
    ...EXTRA,
    ...SERVER,
  }),
  shown('bus.cpuUsPerEvent', 437, 'Bus CPU per event', {
    definition:
      'CPU time of the process of the bus for each event published, where it tells; what it takes while idle is in it.',
    ...EXTRA,
    ...SERVER,
  }),
  shown('bus.cpuUsPerDelivery', 438, 'Bus CPU per delivery', {
    definition: 'The same for each event that a client received.',
    ...EXTRA,
    ...SERVED,
  }),
  shown('bus.cpuUtilisation', 435, 'Bus CPU', {
    definition: 'Share of one core that the process of the bus was busy with, where it tells.',
    ...EXTRA,
    ...SERVER,
  }),
  shown('bus.rssBytes', 455, 'Bus memory', {
    definition: 'Resident memory of the process of the bus, where it tells.',
    ...EXTRA,
    ...SERVER,
  }),
  ...plain('bus', 'bytesIn bytesOut restarts gaps', SERVER),
  figure('front.cpuUtilisation'),
  shown('front.cpuUsPerDelivery', 436, 'Front CPU per delivery', {
    definition:
      'CPU time of the processes of the front for each event that clients received: no part of what the server costs.',
    ...EXTRA,
    needs: ['deliveries'],
  }),
  figure('front.waitedShare'),
  figure('front.rssBytes'),
  shown('front.rssBytesPerClient', 456, 'Front memory per client', {
    definition:
      'Resident memory of the processes of the front, divided by the clients asked for; pages that several of them share are counted for each.',
    ...EXTRA,
  }),
  figure('via.cpuUtilisation'),
  shown('via.cpuUsPerDelivery', 439, 'Proxy CPU per delivery', {
    definition:
      'CPU time of the processes of the proxy for each event that clients received: no part of what the server costs.',
    ...EXTRA,
    needs: ['deliveries'],
  }),
  figure('via.waitedShare'),
  figure('via.rssBytes'),
  shown('via.rssBytesPerClient', 457, 'Proxy memory per client', {
    definition:
      'Resident memory of the processes of the proxy, divided by the clients asked for; pages that several of them share are counted for each.',
    ...EXTRA,
  }),

  figure('storm.clients', {
    label: 'Connections lost in the storm',
    definition:
      'Clients that lost their connection by the disruption that cost the most of them theirs: of these all figures of the storm are.',
  }),
  figure('storm.back.count', {
    label: 'Back after the storm',
    definition: 'Of these, those that were subscribed again before the run was over.',
  }),
  shown('storm.back.p50Us', 590, 'Half of them back', {
    definition:
      'Time from the disruption that cost the most clients their connection until half of these were subscribed again.',
    ...STORM,
  }),
  shown('storm.back.p90Us', 591, '90 % of them back', {
    definition: 'The same for 90 of 100.',
    ...STORM,
  }),
  shown('storm.back.p99Us', 592, '99 % of them back', {
    definition: 'The same for 99 of 100.',
    ...STORM,
    row: 'first-optional',
  }),
  shown('storm.back.maxUs', 593, 'All of them back', {
    definition: 'The same for all of them; no figure where some did not come back.',
    ...STORM,
  }),
  figure('storm.connects.reached', {
    label: 'Connects that a server met',
    definition: 'Connects of clients that had lost their connection, from which a connection came.',
  }),
  figure('storm.connects.missed', {
    label: 'Connects in vain',
    definition: 'The same from which none came, as while the instance was away.',
  }),
  shown('storm.connects.peakPerSecond', 594, 'Peak of connects per second', {
    definition:
      'The most connects of those clients that a server met within one second, wherever that begins.',
    ...STORM,
  }),
  figure('storm.connects.peakPerTenth', {
    label: 'Peak of connects in 100 ms',
    definition:
      'The most connects of those clients that a server met within a tenth of a second, wherever that begins.',
  }),
  shown('storm.connects.herdShare', 595, 'Herd', {
    definition:
      'Of all connects that a server met, the share within the busiest tenth of a second: 100 % where all come together, as without jitter.',
    ...STORM,
    row: 'first-optional',
  }),
  shown('storm.queue.peak', 596, 'Accept queue', {
    definition:
      'The most connections that waited at one listening socket until the server took them, looked at a hundred times a second; the longest wait for a look is storm.queue.longestGapMs.',
    ...STORM,
  }),
  figure('storm.queue.limit', {
    label: 'Longest accept queue allowed',
    definition: 'What the system allows a listening socket (net.core.somaxconn).',
  }),
  figure('storm.queue.overflows', {
    label: 'Accept queue overflows',
    definition:
      'Connects that came to a full accept queue, in the window and the drain, by the count of the kernel for the whole host.',
  }),
  figure('storm.queue.drops', {
    label: 'Connects dropped',
    definition:
      'All connects that no listening socket took, likewise; what came to a full queue is among them.',
  }),
  figure('storm.queue.sampleMs', {
    label: 'Accept queue, interval',
    definition: 'How often the accept queues were to be looked at.',
  }),
  figure('storm.queue.longestGapMs', {
    label: 'Accept queue, longest gap',
    definition:
      'The longest time in which nobody looked at the accept queues: a longer queue may have escaped in it.',
  }),
  figure('storm.queue.samples', {
    label: 'Accept queue, looks',
    definition: 'How often they were looked at.',
  }),
  figure('storm.cost.bytes', {
    label: 'Bytes of all who came back',
    definition:
      'Bytes, both ways, on the connections by which clients came back, until they were subscribed again.',
  }),
  shown('storm.cost.bytesPerClient', 360, 'Bytes to come back', {
    definition:
      'Bytes, both ways, on the connection by which a client came back, until it was subscribed again: headers, framing, and what was replayed by then.',
    ...STORM,
  }),
  figure('storm.cost.seconds', {
    label: 'Seconds of the storm',
    definition:
      'Whole seconds of the window until 99 % were back, of which processor time is told.',
  }),
  figure('storm.cost.serverCpuUs', {
    label: 'Server CPU of the storm',
    definition:
      'CPU time of all server processes in these, beyond that of as many seconds of the calm before.',
  }),
  shown('storm.cost.serverCpuUsPerClient', 445, 'Server CPU to come back', {
    definition:
      'CPU time of all server processes in the seconds until 99 % were back, beyond that of as many seconds before, for each client that came back; what it took to start an instance is not in it. Below zero where those who were away would have taken more.',
    ...STORM,
  }),
  figure('storm.cost.generatorCpuUs', {
    label: 'Generator CPU of the storm',
    definition: 'The same of the simulated clients: what the return cost the instrument.',
  }),
  figure('storm.cost.generatorCpuUsPerClient', {
    label: 'Generator CPU to come back',
    definition: 'The same for each client that came back.',
  }),
  shown('storm.events.replayed', 597, 'Replayed', {
    definition:
      'Deliveries to clients that had lost their connection, of events that were due before they were back.',
    ...EXTRA,
  }),
  figure('storm.events.missed', {
    label: 'Missed in the storm',
    definition:
      'Deliveries that did not come at all, whether or not the server declared a gap; this and the next two are of the whole run.',
  }),
  figure('storm.events.duplicates', {
    label: 'Duplicates in the storm',
    definition: 'Deliveries of an event that the client had received before.',
  }),
  figure('storm.events.gaps', {
    label: 'Gaps declared in the storm',
    definition:
      'Resumptions for which the server said that it no longer has all events that were missed.',
  }),
  figure('storm.recovery.calmP99Us', {
    label: 'Push latency p99 before the storm',
    definition:
      'Push latency that one delivery in a hundred exceeded before the disruption, as observed.',
  }),
  shown('storm.recovery.afterUs', 298, 'Push latency recovered after', {
    definition:
      'Time from the disruption until a second begins in which 99 of 100 deliveries took at most twice the p99 of before; no figure where that did not come in the window.',
    ...STORM,
  }),
  figure('blackhole.cpuUtilisation'),
  ...plain('liveness', 'silenceMs silent'),

  figure('generator.workers'),
  shown('generator.cpuUsPerDelivery', 440, 'Generator CPU per delivery', {
    definition:
      'CPU time of the simulated clients per event received: what the instrument itself costs.',
    ...ROW,
    compared: CPU,
    needs: ['deliveries'],
  }),
  ...plain('generator', 'cpuUtilisation rssBytes'),
  shown('generator.rssBytesPerClient', 460, 'Generator memory per client', {
    definition:
      'Resident memory of the processes of the simulated clients, divided by the clients asked for: of few clients mostly the process itself.',
    ...ROW,
    compared: MEMORY,
  }),
  figure('generator.loopDelayP99Us'),

  ...plain('publisher', 'offeredPerSecond achievedPerSecond slipP99Us slipMaxUs dropped unknown'),
  figure('host.cpuUtilisation'),
  figure('host.sharedWithServer', DESCRIPTIVE),
  ...plain('host', 'echoUs echoCpuUs'),
]

const BY_PATH: ReadonlyMap<string, Figure> = new Map(FIGURES.map((one) => [one.path, one]))

/** Of a run's errors each cause is a figure: `errors.ECONNRESET`. */
const ERROR_PATH = /^errors\.[\w-]+$/

/** The figure at a path; undefined where there is none. */
export function figureAt(path: string): Figure | undefined {
  return BY_PATH.get(path) ?? (ERROR_PATH.test(path) ? figure(path) : undefined)
}

/** The figure at a path that is in the catalogue. */
export function figureOf(path: string): Figure {
  const found = figureAt(path)
  if (found === undefined) throw new Error(`${path} is not in the catalogue of figures`)
  return found
}

/** Figures that have something, in the order in which reports show them. */
export function figuresWith<Key extends keyof Shown>(
  key: Key,
): readonly (Figure & { readonly [K in Key]-?: NonNullable<Figure[K]> })[] {
  return FIGURES.filter(
    (one): one is Figure & { readonly [K in Key]-?: NonNullable<Figure[K]> } =>
      one[key] !== undefined,
  ).sort((one, other) => (one.place ?? 0) - (other.place ?? 0))
}

/** What a run has at a figure's place; null where it was not measured, or where an older run does not have it. */
export function readFigure(run: object, { keys }: Pick<Figure, 'keys'>): number | boolean | null {
  let at: unknown = run
  for (const key of keys) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return null
    at = (at as Readonly<Record<string, unknown>>)[key]
  }
  return typeof at === 'number' || typeof at === 'boolean' ? at : null
}

/** The same of what is a number. */
export function amountOf(run: object, figure: Pick<Figure, 'keys'>): number | null {
  const found = readFigure(run, figure)
  return typeof found === 'number' ? found : null
}
