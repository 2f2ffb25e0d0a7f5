import type { Run } from '../result/document.ts'
import type { Sweep } from '../result/sweep.ts'
import { sweptName } from '../scenario/sweep.ts'
import { formatAmount, formatBytes, formatCount } from './quantity.ts'

/** `a`, `a and b`, `a, b and c` */
export function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? ''
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`
}

/** ` with 1 held connection per client`; nothing where the server did not tell. */
export function heldPhrase({ clients }: Run): string {
  const { mean } = clients.held
  if (mean === null || clients.connected === 0) return ''
  const each = Math.round((mean / clients.connected) * 100) / 100
  if (each === 0) return ' with no held connection'
  return ` with ${each} held ${each === 1 ? 'connection' : 'connections'} per client`
}

/** A value of a sweep with its unit: `500 ms`, `0.1/s`, `1,000 clients`. */
export function formatPoint({ unit }: Pick<Sweep, 'unit'>, value: number): string {
  if (unit === 'ms') return value === 0 ? '0 s' : formatAmount('milliseconds', value)
  if (unit === 'bytes') return formatBytes(value)
  if (unit === 'events/s') return formatAmount('rate', value)
  return `${formatCount(value)} ${value === 1 ? unit.slice(0, -1) : unit}`
}

const NOUNS: Readonly<Record<Sweep['key'], string>> = {
  clients: 'number of clients',
  channels: 'number of channels',
  rate: 'event rate',
  payload: 'payload',
  interval: 'interval',
  hold: 'hold',
  instances: 'number of instances',
}

/** What a key is called in a sentence: `event rate`. */
export function pointNoun({ key }: Pick<Sweep, 'key'>): string {
  return NOUNS[key]
}

export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** `short-poll at interval=500ms #2`: which of a result's runs it is, in one line. */
export function runName(
  { transport, point, repetition }: Pick<Run, 'transport' | 'point' | 'repetition'>,
  sweep: Sweep | undefined,
): string {
  return `${sweptName(transport, sweep, point)} #${repetition}`
}

/** Names for files, one a run, none twice: `sse`, or `sse-2` with the repetition where there are more. */
export function runNames(runs: readonly Run[]): readonly string[] {
  const repeated = runs.some(({ repetition }) => repetition > 1)
  return runs.map(({ transport, point, repetition }) =>
    [
      transport.replace(/[^A-Za-z0-9._-]+/g, '-'),
      ...(point === undefined || point === null ? [] : [point]),
      ...(repeated ? [repetition] : []),
    ].join('-'),
  )
}

/** A word as a POSIX shell takes it: quoted where it must be. */
export function shellWord(word: string): string {
  return /^[\w.,:/@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
