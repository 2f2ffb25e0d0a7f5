import { page } from './html/page.ts'
import type { Reporter } from './reporter.ts'

/** A page for a browser, complete in itself. */
export const html: Reporter = {
  name: 'html',
  extension: 'html',
  render: (result) => page([{ result, name: null }]),
  renderAll: page,
}
