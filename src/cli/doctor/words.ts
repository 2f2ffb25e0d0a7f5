import { formatCount } from '../../scenario/units.ts'
import type { Finding } from './finding.ts'

/** A finding of something that this machine does not tell. */
export function unknown(about: Pick<Finding, 'code' | 'title'>, text: string): Finding {
  return { ...about, outcome: 'unknown', text, fix: null }
}

/** `19,744` */
export function count(value: number): string {
  return formatCount(value)
}

/** `1 worker`, `6 workers` */
export function plural(value: number, noun: string): string {
  return `${formatCount(value)} ${noun}${value === 1 ? '' : 's'}`
}
