import type { Sweep } from '../result/sweep.ts'
import { formatBytes, formatCount, formatDuration } from './quantity.ts'

/** A value of a sweep with its unit: `500 ms`, `0.1/s`, `1,000 clients`. */
export function formatPoint({ unit }: Pick<Sweep, 'unit'>, value: number): string {
  switch (unit) {
    case 'ms':
      return value === 0 ? '0 s' : formatDuration(value * 1000)
    case 'bytes':
      return formatBytes(value)
    case 'events/s':
      return `${formatCount(value)}/s`
    case 'clients':
    case 'channels':
      return `${formatCount(value)} ${value === 1 ? unit.slice(0, -1) : unit}`
  }
}

const NOUNS: Readonly<Record<Sweep['key'], string>> = {
  clients: 'number of clients',
  channels: 'number of channels',
  rate: 'event rate',
  payload: 'payload',
  interval: 'interval',
  hold: 'hold',
}

/** What a key is called in a sentence: `event rate`. */
export function pointNoun({ key }: Pick<Sweep, 'key'>): string {
  return NOUNS[key]
}
