/** What the facts of a way mean for each technique, and how to mend what stands in its way. */
import type { Finding } from '../doctor/finding.ts'
import { formatBytes, formatDuration } from '../report/quantity.ts'
import { transportNamed } from '../transports/registry.ts'
import { AT_ONCE_MS, type TechniqueFacts } from './examination.ts'
import type { Offered } from './versions.ts'

/** Of a silence that is cut, what is safely below it. */
const SAFE_SHARE = 0.8

/** A buffer is some bytes more than what of the events came out of it. */
const BLOCK_BYTES = 1024

/** `4 KiB`, to the next one. */
export function bufferText(heldBytes: number): string {
  return formatBytes(Math.ceil(heldBytes / BLOCK_BYTES) * BLOCK_BYTES)
}

export function msText(ms: number): string {
  return formatDuration(ms * 1000)
}

/** `5 s`, `49.9 s`: no finer than the way is. */
export function silenceText(ms: number): string {
  return `${Number((ms / 1000).toFixed(1))} s`
}

/** All that is to be said of a technique, the gravest first. */
function* ofTechnique(facts: TechniqueFacts): Generator<Finding> {
  const { technique, blocked } = facts
  const { label, traits } = transportNamed(technique)
  const about = (topic: string, outcome: Finding['outcome'], text: string, fix: string | null) => ({
    ...{ code: `${technique}-${topic}`, title: label, outcome, text, fix },
  })
  if (blocked !== null) {
    if (!traits.needsUpgrade) {
      yield about('blocked', 'fail', `is blocked: it ${blocked}`, LOOK)
    } else if (blocked.endsWith('426')) {
      const text = `is blocked: the upgrade ${blocked}, as by a server that was not asked for one. Something in between strips Upgrade`
      yield about('blocked', 'fail', text, PASS_UPGRADE)
    } else yield about('blocked', 'fail', `is blocked: the upgrade ${blocked}`, PASS_UPGRADE)
    return
  }
  yield* ofDelivery(facts, about)
  if (facts.ordered === false) {
    const text = 'a burst of events did not come whole, once and in order'
    yield about('order', 'fail', text, 'see which of the servers in between answers from a cache')
  }
  yield* ofSilence(facts, about)
  if (facts.coding !== null && facts.heldBytes === null) {
    yield about('compression', 'ok', `is compressed on the way (${facts.coding})`, null)
  }
}

type About = (
  topic: string,
  outcome: Finding['outcome'],
  text: string,
  fix: string | null,
) => Finding

function* ofDelivery(facts: TechniqueFacts, about: About): Generator<Finding> {
  const { heldBytes, heldWhenHinted, delayMs, coding } = facts
  if (heldBytes !== null) {
    const why = coding === null ? '' : `, compressed by ${coding}`
    const text = `events are held back until ${bufferText(heldBytes)} of them are there${why}`
    yield about('held', 'fail', text, fixOfHeld(coding, heldWhenHinted))
  } else if (delayMs === null) {
    yield about('delivery', 'fail', 'no event came', LOOK)
  } else if (delayMs > AT_ONCE_MS) {
    yield about('late', 'warn', `an event by itself comes ${msText(delayMs)} late`, FLUSH)
  } else yield about('delivery', 'ok', `events come at once (${msText(delayMs)})`, null)
}

function fixOfHeld(coding: string | null, heldWhenHinted: boolean | null): string {
  if (coding !== null) return `take text/event-stream out of what is compressed (nginx: gzip_types)`
  const hint = 'X-Accel-Buffering: no'
  const server =
    heldWhenHinted === false
      ? `let the server answer with ${hint}, which was seen to help; or `
      : heldWhenHinted === true
        ? ''
        : `let the server answer with ${hint}, which nginx heeds; or `
  return `${server}turn buffering off (nginx: proxy_buffering off)`
}

function* ofSilence(facts: TechniqueFacts, about: About): Generator<Finding> {
  const { technique, cutAfterMs, cutBy, silentMs, heartbeatMs } = facts
  if (silentMs === 0) return
  const holds = transportNamed(technique).hasExchanges
  if (cutAfterMs !== null) {
    const cut = silenceText(cutAfterMs)
    const safe = Math.max(1, Math.floor(Math.round(cutAfterMs / 1000) * SAFE_SHARE))
    const how = cutBy === 'silent' ? ', and neither end is told' : ''
    const status = /^\d+$/.test(cutBy ?? '') ? ` (${cutBy})` : ''
    yield holds
      ? about(
          'cut',
          'warn',
          `a held poll is cut after ${cut}${status}${how}`,
          `hold polls for ${safe} s at most, or ${RAISE}`,
        )
      : about(
          'cut',
          'warn',
          `a silent connection is cut after ${cut}${how}`,
          `let the server say something every ${safe} s, or ${RAISE}`,
        )
  } else if (heartbeatMs !== null) {
    const text = holds
      ? `the server holds a poll for ${silenceText(heartbeatMs)}; a longer silence was not to be had`
      : `the server says something by itself within ${silenceText(heartbeatMs)}; a longer silence was not to be had`
    yield about('silence', 'unknown', text, 'rtbench serve --hold 10m --heartbeat 10m')
  } else {
    yield about('silence', 'ok', `a silence of ${silenceText(silentMs)} is not cut`, null)
  }
}

const LOOK = 'see what answers there, and whether the path is the right one'
const PASS_UPGRADE =
  'pass Upgrade and Connection on, over HTTP/1.1 (nginx: proxy_http_version 1.1 and proxy_set_header; Apache: ProxyPass … upgrade=websocket; a forward proxy: wss:// on 443); else take Server-Sent Events'
const FLUSH =
  'have it passed on without waiting (HAProxy: option http-no-delay; Caddy: flush_interval -1; Apache: flushpackets=on)'
const RAISE =
  'raise the timeout (nginx: proxy_read_timeout; HAProxy: timeout server, client and tunnel; Apache: Timeout)'

/** A page of findings about a way. */
export function findingsOf(
  techniques: readonly TechniqueFacts[],
  offered: Offered | null,
  connections: { readonly asked: number; readonly held: number | null } | null,
): readonly Finding[] {
  return [
    ...techniques.flatMap((facts) => [...ofTechnique(facts)]),
    ...(offered === null ? [] : ofOffer(offered)),
    ...(connections === null ? [] : ofConnections(connections)),
  ]
}

function ofOffer({ versions, extendedConnect, connectStatus }: Offered): readonly Finding[] {
  const hasTwo = extendedConnect !== null
  const limit = hasTwo
    ? ''
    : '; browsers have at most 6 connections to a host, and a tab with a stream takes one of them'
  const websockets =
    extendedConnect === null
      ? ''
      : `, ${extendedConnect ? 'and takes' : 'which does not take'} WebSockets over HTTP/2`
  const isOpen = connectStatus !== null && connectStatus < 300
  return [
    {
      ...{ code: 'http-versions', title: 'HTTP', outcome: hasTwo ? 'ok' : 'unknown', fix: null },
      text: `speaks ${versions.join(' and ')}${websockets}${limit}`,
    },
    isOpen
      ? {
          ...{ code: 'connect', title: 'CONNECT', outcome: 'warn' },
          text: `makes tunnels for whoever asks (${connectStatus})`,
          fix: 'refuse CONNECT, unless it is a forward proxy for some',
        }
      : {
          ...{ code: 'connect', title: 'CONNECT', outcome: 'ok', fix: null },
          text: 'makes no tunnels, as a server should not',
        },
  ]
}

function ofConnections(connections: {
  readonly asked: number
  readonly held: number | null
}): readonly Finding[] {
  const { asked, held } = connections
  const of = { code: 'connections', title: 'Connections' }
  if (held === null) return []
  if (held === asked) {
    return [{ ...of, outcome: 'ok', text: `holds ${asked} at once`, fix: null }]
  }
  return [
    {
      ...of,
      outcome: 'warn',
      text: `of ${asked} held at once, ${held} were heard of`,
      fix: 'raise the limit (nginx: worker_connections, limit_conn; HAProxy: maxconn; Apache: MaxRequestWorkers)',
    },
  ]
}
