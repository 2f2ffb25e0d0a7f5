import type { Faults } from '../backplane/faulty.ts'
import { didYouMean } from '../scenario/suggestion.ts'
import { isRefusal, parseDuration, type Refusal, writeDuration } from '../scenario/units.ts'

/** Without the seed, which is a flag of its own. */
type FaultSpec = Omit<Faults, 'seed'>

const NAMES = ['delay', 'drop', 'duplicate', 'swap'] as const

const EXAMPLES = 'delay=20ms, delay=100ms/1%, drop=1/1000, duplicate=1/500 or swap=1/200'
const SHARES = 'a share above 0, at most 1, such as 1/500 or 1%'
const SUMS = 'shares of drop, duplicate and swap that sum up to 1 at most'
const LONGEST_DELAY_MS = 60_000
const DELAYS = 'a time up to 60s and, if not for all events, their share, such as 100ms/1%'

const NO_FAULTS: FaultSpec = { drop: 0, duplicate: 0, swap: 0, delay: { ms: 0, share: 0 } }

/** `drop=1/1000,delay=100ms/1%` → faults, each at most once. */
export function parseFaults(text: string): FaultSpec | Refusal {
  let spec = NO_FAULTS
  const given = new Set<string>()
  for (const part of text.split(',')) {
    const fault = parseFault(part)
    if (isRefusal(fault)) return part === text ? fault : within(part, fault)
    const [name = ''] = Object.keys(fault)
    if (given.has(name)) return { problem: `has ${name} twice; expected each fault once` }
    given.add(name)
    spec = { ...spec, ...fault }
  }
  // An event has one of them at most.
  if (spec.drop + spec.duplicate + spec.swap <= 1) return spec
  return { problem: `hits more than all events; expected ${SUMS}` }
}

/** One line for whoever starts the server; `parseFaults` reads its first part back. */
export function describeFaults(faults: Faults): string {
  const parts = NAMES.flatMap((name) => {
    if (name !== 'delay') return faults[name] > 0 ? [`${name}=${percent(faults[name])}`] : []
    const { ms, share } = faults.delay
    if (share === 0) return []
    return [`delay=${writeDuration(ms)}${share === 1 ? '' : `/${percent(share)}`}`]
  })
  return `${parts.join(',')}; seed ${faults.seed}`
}

function parseFault(part: string): Partial<FaultSpec> | Refusal {
  const [name = '', ...rest] = part.split('=')
  const value = rest.join('=')
  switch (name) {
    case 'delay': {
      const delay = parseDelay(value)
      return isRefusal(delay) ? delay : { delay }
    }
    case 'drop':
    case 'duplicate':
    case 'swap': {
      const share = parseShare(value)
      return isRefusal(share) ? share : { [name]: share }
    }
    default:
      return { problem: `is no fault${didYouMean(name, NAMES)}; expected ${EXAMPLES}` }
  }
}

function within(part: string, { problem }: Refusal): Refusal {
  return { problem: `has '${part}', which ${problem}` }
}

function parseDelay(text: string): FaultSpec['delay'] | Refusal {
  const slash = text.indexOf('/')
  const ms = parseDuration(slash === -1 ? text : text.slice(0, slash))
  if (isRefusal(ms)) return { problem: `${ms.problem}; expected ${DELAYS}` }
  if (ms === 0 || ms > LONGEST_DELAY_MS) return { problem: `is out of bounds; expected ${DELAYS}` }
  const share = slash === -1 ? 1 : parseShare(text.slice(slash + 1))
  return isRefusal(share) ? share : { ms, share }
}

/** `1/500`, `0.2%` → a number above 0, at most 1. */
function parseShare(text: string): number | Refusal {
  const match = /^(?:(\d{1,9})\/(\d{1,9})|(\d{1,3}(?:\.\d{1,9})?)%)$/.exec(text)
  if (match === null) return { problem: `has no share; expected ${SHARES}` }
  const [, hit, of, percentage] = match
  const share = percentage === undefined ? Number(hit) / Number(of) : Number(percentage) / 100
  return share > 0 && share <= 1 ? share : { problem: `is out of bounds; expected ${SHARES}` }
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(9))}%`
}
