/**
 * The package as a library: `import { run, compare } from 'rtbench'`. What is exported here is what
 * a program may rely on.
 */
export { compare } from './api/compare.ts'
export type { Progress, Scenario } from './api/run.ts'
export { type RunOptions, run } from './api/run.ts'
export type { CompareOptions } from './compare/compare.ts'
export { type ErrorCode, RtbenchError } from './error.ts'
export type { MissingRun, Result, Run } from './result/document.ts'
export type { Judgement, ResultComparison, Verdict } from './result/judgement.ts'
export type { Sweep } from './result/recorded-scenario.ts'
export { readResult } from './result/store.ts'
