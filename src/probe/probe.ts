/** A probe of a way to a server, and of a server of its own through proxies that it starts. */
import { installed } from '../balancer/running.ts'
import { gravest } from '../doctor/finding.ts'
import { RtbenchError } from '../error.ts'
import { ownTarget } from '../experiment/plan.ts'
import { startBefore, waysOf } from '../experiment/via.ts'
import type { Scenario } from '../scenario/scenario.ts'
import type { TargetDescription } from '../scenario/target.ts'
import { DEFAULT_SERVER_OPTIONS, startServer } from '../server/reference-server.ts'
import type { Target } from '../transports/transport.ts'
import { examineWay, type TechniqueFacts } from './examination.ts'
import { findingsOf } from './findings.ts'
import { Answer } from './listening.ts'
import { sentenceOf, type WayFacts } from './matrix.ts'
import { Speech } from './speech.ts'
import { heldAtOnce, type Offered, readOffered } from './versions.ts'

export interface ProbePatience {
  /** The longest silence that is waited for. */
  readonly longestMs: number
  /** How many are held at once. */
  readonly connections: number
  readonly signal: AbortSignal
}

export interface Probe {
  readonly outcome: ReturnType<typeof gravest>
  readonly findings: ReturnType<typeof findingsOf>
  readonly techniques: readonly TechniqueFacts[]
  readonly offered: Offered
  readonly connections: { readonly asked: number; readonly held: number | null }
}

export interface Matrix {
  readonly ways: readonly WayFacts[]
  /** By technique: `passes 9 of 10; …` */
  readonly sentences: Readonly<Record<string, string>>
}

const REACH_MS = 5_000

/**
 * Asks a way all questions.
 * @throws RtbenchError `cannot-run` where nobody answers
 */
export async function probeTarget(
  target: Target,
  scenario: Pick<Scenario, 'target' | 'transports'>,
  { longestMs, connections, signal }: ProbePatience,
): Promise<Probe> {
  await assertReached(target)
  const speech = new Speech(target, asked(scenario))
  const offered = await readOffered(target)
  const techniques = await examineWay(speech, { longestMs, signal })
  const held = signal.aborted ? null : await heldAtOnce(speech, connections, `probe-${Date.now()}`)
  const counted = { asked: connections, held }
  const findings = findingsOf(techniques, offered, counted)
  return { outcome: gravest(findings), findings, techniques, offered, connections: counted }
}

async function assertReached(target: Target): Promise<void> {
  const answer = new Answer(target, { path: '/' })
  await answer.waitFor(() => answer.status !== null, REACH_MS)
  answer.close()
  if (answer.status !== null || answer.failure === null) return
  const text = `${target.authority}: no server answers there (${answer.failure})`
  throw new RtbenchError('cannot-run', text)
}

/** The description of a server, of the techniques that are asked for; null of the reference server, of which all are. */
function asked({
  target,
  transports,
}: Pick<Scenario, 'target' | 'transports'>): TargetDescription | null {
  if (target === null) return null
  const endpoints = Object.entries(target.endpoints).filter(([name]) => transports.includes(name))
  return { ...target, endpoints: Object.fromEntries(endpoints) }
}

/** Longer than any silence that is waited for. */
const SILENT_MS = 660_000
/** More than a probe has connections. */
const ROOM = 1_100

/** Asks all ways of a scenario at once, before one server that says nothing of itself. */
export async function probeMatrix(
  scenario: Pick<Scenario, 'via' | 'viaConfig' | 'transports'>,
  { longestMs, signal }: ProbePatience,
  note: (text: string) => void,
): Promise<Matrix> {
  const programs = new Map(
    waysOf(scenario).map(({ proxy }) => [proxy.name, installed(proxy, '--via')] as const),
  )
  const limits = {
    ...DEFAULT_SERVER_OPTIONS.limits,
    ...{ holdMs: SILENT_MS, heartbeatMs: SILENT_MS, pingMs: SILENT_MS },
  }
  const server = await startServer({ ...DEFAULT_SERVER_OPTIONS, limits })
  const passing = { ...limits, clients: ROOM, intervalMs: 1_000 }
  const running: { stop(): Promise<void> }[] = []
  try {
    const ways = await Promise.all(
      waysOf(scenario).map(async ({ proxy, configuration }): Promise<WayFacts> => {
        const program = programs.get(proxy.name)
        if (program === undefined) throw new Error(`${proxy.name} was not looked for`)
        const before = await startBefore(program, configuration, server.port, passing)
        running.push(before.running)
        const speech = new Speech(before.target, null, ownTarget([server.port]))
        const techniques = await examineWay(speech, { longestMs, signal })
        note(`${proxy.label}, ${configuration}: done`)
        const { name, label, role } = proxy
        const chosen = techniques.filter(({ technique }) => scenario.transports.includes(technique))
        return {
          ...{ program: name, label, version: program.version, configuration, role },
          techniques: chosen,
        }
      }),
    )
    const sentences = scenario.transports.map((name) => [name, sentenceOf(name, ways)])
    return { ways, sentences: Object.fromEntries(sentences) }
  } finally {
    await Promise.all(running.map((one) => one.stop()))
    await server.drain()
  }
}
