import { gravestOf, type Outcome } from '../../compare/outcome.ts'
import {
  documentOf,
  type MeasurementOptions,
  measureScenario,
} from '../../experiment/experiment.ts'
import { scenarioOf } from '../../experiment/plan.ts'
import { countingOnly } from '../../gate/judge.ts'
import { servedRevision, WORKING } from '../../gate/revision.ts'
import { type Check, checksOf } from '../../report/check.ts'
import { columnsOf } from '../../report/comparison.ts'
import { formatAmount, formatCount } from '../../report/quantity.ts'
import type { Environment } from '../../result/document.ts'
import { flagLayer, servedLayers } from '../../scenario/layer.ts'
import { readScenarioFile } from '../../scenario/load.ts'
import type { Server } from './options.ts'

/** As much of the scenario as shows whether it works. */
const SHORT = { clients: '20', duration: '2s', warmup: '500ms' }

/** What a first run showed. */
interface Trial {
  /** One line for each technique: `works: …` or `wrong: …`. */
  readonly lines: readonly string[]
  readonly outcome: Outcome
}

/** Measures a scenario file for a moment, as the gate does, and says what came of it. */
export async function tryScenario(
  file: string,
  { server, folder }: { readonly server: Server; readonly folder: string },
  { environment, ...options }: MeasurementOptions & { readonly environment: Environment },
): Promise<Trial> {
  const layers = [flagLayer(SHORT), await readScenarioFile(file)]
  const scenario = scenarioOf(servedLayers(layers))
  const { runs, missing, failure } =
    'serve' in server
      ? await servedRevision(server.serve, { side: WORKING, folder }, options).measure({
          file,
          scenario,
        })
      : await measureScenario(scenario, options)
  if (options.signal.aborted) return { lines: [], outcome: 'interrupted' }
  if (runs.length === 0) {
    return {
      lines: [`wrong: ${failure?.message ?? 'nothing was measured'}`],
      outcome: 'couldNotRun',
    }
  }
  // Whether the machine was on time says nothing of the server.
  const result = countingOnly(documentOf({ scenario }, environment, { runs, missing }))
  const wrong = checksOf(result).filter(
    ({ outcome, verdict }) =>
      outcome === 'failed' || (outcome === 'errored' && verdict !== 'cannot tell'),
  )
  const works = columnsOf(result).filter(
    ({ label }) => !wrong.some(({ transport }) => transport === label),
  )
  return {
    lines: [
      ...works.map(({ label, run: { delivery, latency } }) => {
        const count = `${formatCount(delivery.delivered)} of ${formatCount(delivery.expected)}`
        const middle = latency.p50Us === null ? '' : `, p50 ${formatAmount('time', latency.p50Us)}`
        return `works: ${label}, ${count} deliveries${middle}`
      }),
      ...wrong.map(({ transport, message }) => `wrong: ${transport}: ${message}`),
    ],
    outcome: gravestOf(wrong.map(outcomeOf)),
  }
}

function outcomeOf({ outcome, verdict }: Check): Outcome {
  if (outcome === 'failed') return 'threshold'
  return verdict === 'invalid' ? 'invalid' : 'partial'
}
