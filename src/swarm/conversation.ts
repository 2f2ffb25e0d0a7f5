import { LatencyHistogram } from '../measure/histogram.ts'
import type { LatencySummary, Run } from '../result/document.ts'
import type { PublisherReport, Snapshot, SpeechReport } from './heard.ts'
import { addTo, type Counts, noSpeech } from './messages.ts'
import { type Sent, streamOf, type Workload } from './run-order.ts'

type Samples = NonNullable<Snapshot['speech']>

/** Times of messages that clients sent, each as observed and as if the instrument had been on time. */
export class ChatTally {
  readonly #slips = new LatencyHistogram()
  readonly #acknowledged = new LatencyHistogram()
  readonly #acknowledgedLower = new LatencyHistogram()
  readonly #echoes = new LatencyHistogram()
  readonly #echoesLower = new LatencyHistogram()

  take(samples: Samples): void {
    this.#slips.recordAll(samples.slipsUs)
    this.#acknowledged.recordAll(samples.acknowledgedUs)
    recordLower(this.#acknowledgedLower, samples.acknowledgedUs, samples.acknowledgedLateUs)
    this.#echoes.recordAll(samples.echoesUs)
    recordLower(this.#echoesLower, samples.echoesUs, samples.echoesLateUs)
  }

  get slips(): Pick<PublisherReport, 'slipP99Us' | 'slipMaxUs'> {
    const { p99Us, maxUs } = this.#slips.brief()
    return { slipP99Us: p99Us, slipMaxUs: maxUs }
  }

  get times(): Record<
    'acknowledgement' | 'acknowledgementLowerBound' | 'echo' | 'echoLowerBound',
    LatencySummary
  > {
    return {
      acknowledgement: this.#acknowledged.summary(),
      acknowledgementLowerBound: this.#acknowledgedLower.summary(),
      echo: this.#echoes.summary(),
      echoLowerBound: this.#echoesLower.summary(),
    }
  }

  destroy(): void {
    this.#slips.destroy()
    this.#acknowledged.destroy()
    this.#acknowledgedLower.destroy()
    this.#echoes.destroy()
    this.#echoesLower.destroy()
  }
}

function recordLower(into: LatencyHistogram, us: Uint32Array, lateUs: Uint32Array): void {
  for (const [at, latency] of us.entries()) {
    into.record(Math.max(0, latency - (lateUs[at] as number)))
  }
}

/**
 * A publisher's report with what clients sent in its place: of the load it sent nothing itself. Of a
 * worker that did not tell, nobody knows what its clients sent: nothing of theirs is expected, and
 * whatever came of it is no forgery.
 *
 * @param reports by the first client of the worker that told
 */
export function withMessages(
  workload: Workload,
  published: PublisherReport,
  { slips }: Pick<ChatTally, 'slips'>,
  reports: ReadonlyMap<number, SpeechReport>,
): PublisherReport & Sent & Required<Pick<Sent, 'unacknowledged'>> {
  const streams = streamOf(workload, workload.clients)
  const first = new Uint32Array(streams)
  const last = new Uint32Array(streams).fill(2 ** 32 - 1, streamOf(workload, 0))
  // The canaries, before the window.
  last.set(published.last)
  const counts = noSpeech()
  const refusals: Record<string, number> = { ...published.refusals }
  const perSecond = new Uint32Array(published.perSecond.length)
  let unheard = 0
  const senders: number[] = []
  const sequences: number[] = []
  for (const [client, report] of reports) {
    first.set(report.first, streamOf(workload, client))
    last.set(report.last, streamOf(workload, client))
    addTo(counts, report.counts)
    addTo(refusals, report.refusals)
    for (const [second, messages] of report.perSecond.entries()) {
      perSecond[second] = (perSecond[second] ?? 0) + messages
    }
    // Of the whole swarm, each says.
    unheard = report.counts.unheard
    senders.push(...report.unacknowledged.senders)
    sequences.push(...report.unacknowledged.sequences)
  }
  const { due, sentInTime, accepted, dropped, unknown, deliveries, slipUs } = counts
  return {
    ...published,
    ...{ published: due, sentInTime, due, accepted, dropped, unknown, unheard },
    ...{ refusals, first, last, perSecond, ...slips },
    slipMeanUs: deliveries === 0 ? null : slipUs / deliveries,
    unacknowledged: {
      senders: Uint32Array.from(senders),
      sequences: Uint32Array.from(sequences),
    },
  }
}

/** What the way up took, in the window. */
export function composeChat(
  { times }: Pick<ChatTally, 'times'>,
  counts: Counts,
  report: PublisherReport | null,
  serverCpuUsPerMessage: number | null,
): NonNullable<Run['chat']> {
  const { upMessages, upRequests, upAnswers, upBytesSent, upBytesReceived } = counts
  return {
    sent: report?.published ?? 0,
    acknowledged: report?.accepted ?? 0,
    refused: report?.dropped ?? 0,
    unknown: report?.unknown ?? 0,
    ...times,
    up: {
      messages: upMessages,
      requests: upRequests,
      bytesSent: upBytesSent,
      bytesReceived: upBytesReceived,
      requestsPerMessage: ratio(upRequests, upMessages),
      bytesSentPerMessage: ratio(upBytesSent, upMessages),
      bytesReceivedPerMessage: ratio(upBytesReceived, upAnswers),
      serverCpuUsPerMessage,
    },
  }
}

function ratio(value: number, by: number): number | null {
  return by === 0 ? null : value / by
}
