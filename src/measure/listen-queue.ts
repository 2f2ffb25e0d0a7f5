import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { NS_PER_MS, nowNs } from './clock.ts'

/** The kernel's tables of sockets, of this network namespace; proc(5). */
const TABLES = ['/proc/net/tcp', '/proc/net/tcp6']
/** As the kernel writes it in such a table. */
const LISTEN = '0A'
const PIECE_BYTES = 16 * 1024

/** Since the system booted: connects that came to a full queue, and all that no queue took. */
interface ListenCounters {
  readonly overflows: number
  readonly drops: number
}

/** TcpExt of proc(5), of this host or its network namespace; null where the system does not tell. */
export function readListenCounters(file = '/proc/net/netstat'): ListenCounters | null {
  try {
    const [names, values] = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('TcpExt:'))
      .map((line) => line.trim().split(/\s+/))
    const counterOf = (name: string): number => {
      const at = names?.indexOf(name) ?? -1
      return at > 0 ? Number(values?.[at]) : Number.NaN
    }
    const [overflows, drops] = [counterOf('ListenOverflows'), counterOf('ListenDrops')]
    return Number.isSafeInteger(overflows) && Number.isSafeInteger(drops)
      ? { overflows, drops }
      : null
  } catch {
    return null
  }
}

/** The longest accept queue that the system allows; null where it does not tell. */
export function readQueueLimit(file = '/proc/sys/net/core/somaxconn'): number | null {
  try {
    const limit = Number(readFileSync(file, 'utf8'))
    return Number.isSafeInteger(limit) && limit > 0 ? limit : null
  } catch {
    return null
  }
}

/**
 * Connections that wait to be accepted at the listening sockets of some ports, the longest queue of them. Such
 * sockets stand first in a table, so that the thousands of others are not read. Null where no table can be read.
 */
export function readListenQueue(
  ports: ReadonlySet<number>,
  tables: readonly string[] = TABLES,
): number | null {
  let longest: number | null = null
  for (const table of tables) {
    const queue = longestIn(table, ports)
    if (queue !== null) longest = Math.max(longest ?? 0, queue)
  }
  return longest
}

function longestIn(table: string, ports: ReadonlySet<number>): number | null {
  let file = -1
  try {
    file = openSync(table, 'r')
    const piece = Buffer.allocUnsafe(PIECE_BYTES)
    let longest = 0
    let rest = ''
    for (;;) {
      const length = readSync(file, piece)
      if (length === 0) return longest
      const lines = (rest + piece.toString('latin1', 0, length)).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        // `sl local_address rem_address st tx_queue:rx_queue …`; of who listens the latter is its queue.
        const [index = '', local = '', , state, queues = ''] = line.trim().split(/\s+/, 5)
        if (!index.endsWith(':')) continue
        if (state !== LISTEN) return longest
        const port = Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16)
        if (ports.has(port)) longest = Math.max(longest, Number.parseInt(queues.slice(9), 16))
      }
    }
  } catch {
    return null
  } finally {
    if (file >= 0) closeSync(file)
  }
}

/** What was seen of accept queues while they were watched. */
export interface QueueReading {
  /** How often they were to be looked at, and were, milliseconds; the longest time without a look. */
  readonly sampleMs: number
  readonly longestGapMs: number
  readonly samples: number
  /** The longest queue that is allowed; null where the system does not tell. */
  readonly limit: number | null
  /** Of the whole host, or its network namespace, in this time. */
  readonly counters: ListenCounters | null
  /** Each time that somebody waited: when, and how many. */
  readonly waiting: readonly (readonly [atNs: number, queue: number])[]
}

const SAMPLE_MS = 10

/** Looks at the accept queues of some ports, a hundred times a second. */
export class QueueWatch {
  readonly #ports: ReadonlySet<number>
  readonly #before = readListenCounters()
  readonly #timer: NodeJS.Timeout
  readonly #waiting: (readonly [atNs: number, queue: number])[] = []
  #samples = 0
  #lastNs = nowNs()
  #longestGapNs = 0

  constructor(ports: Iterable<number>) {
    this.#ports = new Set(ports)
    this.#timer = setInterval(() => this.#look(), SAMPLE_MS)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** By now; null where the system does not tell. */
  get reading(): QueueReading | null {
    if (this.#samples === 0) return null
    const after = readListenCounters()
    const before = this.#before
    return {
      sampleMs: SAMPLE_MS,
      longestGapMs: this.#longestGapNs / NS_PER_MS,
      samples: this.#samples,
      limit: readQueueLimit(),
      counters:
        before === null || after === null
          ? null
          : {
              overflows: after.overflows - before.overflows,
              drops: after.drops - before.drops,
            },
      waiting: this.#waiting,
    }
  }

  #look(): void {
    const queue = readListenQueue(this.#ports)
    if (queue === null) {
      this.stop()
      return
    }
    const now = nowNs()
    this.#longestGapNs = Math.max(this.#longestGapNs, now - this.#lastNs)
    this.#lastNs = now
    this.#samples++
    if (queue > 0) this.#waiting.push([now, queue])
  }
}
