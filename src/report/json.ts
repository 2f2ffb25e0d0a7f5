import { serialiseResult } from '../result/store.ts'
import type { Reporter } from './reporter.ts'

/** The whole document, as it is stored. */
export const json: Reporter = {
  name: 'json',
  extension: 'json',
  render: serialiseResult,
}
