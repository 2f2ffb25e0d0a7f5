import { randomInt } from 'node:crypto'
import type { Faults } from '../backplane/faulty.ts'
import { RtbenchError } from '../error.ts'
import { showKey, usageError } from '../scenario/problem.ts'
import { isRefusal, parseCount, parseDuration, type Refusal } from '../scenario/units.ts'
import {
  DEFAULT_LIMITS,
  DEFAULT_SERVER_OPTIONS,
  MAX_LOG_SIZE,
  type ServerOptions,
} from '../server/reference-server.ts'
import { parseFaults } from './fault-spec.ts'

const LOG_SIZES = 'a count of events from 1 to 4M, such as 16k'
const LEAST_PERIOD_MS = 100
const MOST_PERIOD_MS = 10 * 60_000
const PERIODS = 'a duration from 100ms to 10m, such as 30s'

/** The flags of `serve`, as they are written. */
export interface ServeOptions {
  readonly host?: string
  readonly port?: string
  readonly token?: string
  readonly allowOrigin?: readonly string[]
  readonly logSize?: string
  readonly hold?: string
  readonly heartbeat?: string
  readonly fault?: string
  readonly seed?: string
}

/**
 * Reads the flags of `serve`.
 * @throws RtbenchError `usage`, one line: the flag, what is wrong with its value, what is expected
 */
export function serverOptions(
  options: ServeOptions,
  environment: NodeJS.ProcessEnv,
): ServerOptions {
  const { hold, heartbeat } = options
  const token = options.token ?? environment['RTBENCH_TOKEN'] ?? ''
  return {
    host: options.host ?? DEFAULT_SERVER_OPTIONS.host,
    port: read('--port', options.port ?? '8080', portNumber),
    token: token === '' ? null : token,
    origins: options.allowOrigin ?? [],
    logSize:
      options.logSize === undefined
        ? DEFAULT_SERVER_OPTIONS.logSize
        : read('--log-size', options.logSize, logSize),
    limits: {
      ...DEFAULT_LIMITS,
      ...(hold === undefined ? {} : { holdMs: read('--hold', hold, period) }),
      ...(heartbeat === undefined ? {} : heartbeats(read('--heartbeat', heartbeat, period))),
    },
    backplane: DEFAULT_SERVER_OPTIONS.backplane,
    faults: faults(options),
  }
}

function faults({ fault, seed }: ServeOptions): Faults | null {
  const given = seed === undefined ? null : read('--seed', seed, seedNumber)
  if (fault !== undefined) {
    return { ...read('--fault', fault, parseFaults), seed: given ?? randomInt(2 ** 32) }
  }
  if (given === null) return null
  throw new RtbenchError('usage', `--seed: ${seed} seeds nothing without faults; expected --fault`)
}

function heartbeats(ms: number): { heartbeatMs: number; pingMs: number } {
  return { heartbeatMs: ms, pingMs: ms }
}

function logSize(text: string): number | Refusal {
  const events = parseCount(text)
  if (isRefusal(events)) return { problem: `${events.problem}; expected ${LOG_SIZES}` }
  const fine = events >= 1 && events <= MAX_LOG_SIZE
  return fine ? events : { problem: `is out of bounds; expected ${LOG_SIZES}` }
}

/** As in a scenario; also far below what a timer can wait. */
function period(text: string): number | Refusal {
  const ms = parseDuration(text)
  if (isRefusal(ms)) return { problem: `${ms.problem}; expected ${PERIODS}` }
  const fine = ms >= LEAST_PERIOD_MS && ms <= MOST_PERIOD_MS
  return fine ? ms : { problem: `is out of bounds; expected ${PERIODS}` }
}

function portNumber(text: string): number | Refusal {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  return port <= 65_535 ? port : { problem: 'is no port; expected 0 to 65535' }
}

function seedNumber(text: string): number | Refusal {
  const seed = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
  return seed < 2 ** 32 ? seed : { problem: 'is no seed; expected 0 to 4294967295' }
}

function read<Value>(flag: string, text: string, parse: (text: string) => Value | Refusal): Value {
  const value = parse(text)
  if (!isRefusal(value)) return value
  const place = { label: flag, order: 0 }
  throw usageError([{ place, text: `${showKey(text)} ${value.problem}` }])
}
