import { type Run, resultSchema } from '../result/document.ts'

/** A figure of every run: where it stands in a run of the document. */
export interface FigurePath {
  /** `latency.p99Us` */
  readonly path: string
  readonly keys: readonly string[]
}

/** What is known without measuring it, and what names the run. */
const NO_FIGURES = ['technique', 'repetition', 'point']

/** As much of a schema as there is to know here: what it is, and what is in it. */
interface Schema {
  readonly def: {
    readonly type: string
    readonly innerType?: Schema
    readonly element?: Schema
    readonly shape?: Readonly<Record<string, Schema>>
  }
}

/**
 * All figures of a run, from the document's schema, in its order: the same whatever was measured.
 * Truths are figures as well; lists and tables by cause have no fixed places and are left out.
 */
export const FIGURE_PATHS: readonly FigurePath[] = pathsOf(runSchema(), [])

/** A figure of a run; null where it was not measured, or where an older run does not have it. */
export function figureAt(run: Run, { keys }: FigurePath): number | boolean | null {
  let at: unknown = run
  for (const key of keys) {
    if (typeof at !== 'object' || at === null) return null
    at = (at as Record<string, unknown>)[key]
  }
  return typeof at === 'number' || typeof at === 'boolean' ? at : null
}

function pathsOf(schema: Schema, before: readonly string[]): FigurePath[] {
  const entries = Object.entries(schema.def.shape ?? {})
  return entries.flatMap(([key, value]) => {
    const keys = [...before, key]
    if (NO_FIGURES.includes(keys.join('.'))) return []
    const inner = bare(value)
    const { type } = inner.def
    if (type === 'object') return pathsOf(inner, keys)
    return type === 'number' || type === 'boolean' ? [{ path: keys.join('.'), keys }] : []
  })
}

function runSchema(): Schema {
  const runs: Schema = bare(resultSchema.shape.runs)
  return runs.def.element ?? runs
}

/** Without what says that it may be missing. */
function bare(schema: Schema): Schema {
  const { innerType } = schema.def
  return innerType === undefined ? schema : bare(innerType)
}
