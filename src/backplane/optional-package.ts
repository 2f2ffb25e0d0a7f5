import { RtbenchError } from '../error.ts'
import { shownUrl } from './bus-url.ts'

/**
 * Loads packages that rtbench is installed without.
 * @param install what to install, as npm understands it
 * @throws RtbenchError `cannot-run` where they are not there
 */
export async function loadOptional<Module>(
  url: string,
  install: string,
  load: () => Promise<Module>,
): Promise<Module> {
  try {
    return await load()
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const why =
      code === 'ERR_MODULE_NOT_FOUND' ? 'is not installed' : `cannot be loaded (${message})`
    throw new RtbenchError(
      'cannot-run',
      `--backplane ${shownUrl(url)}: what it needs ${why}: npm install ${install}`.replace(
        /\s+/g,
        ' ',
      ),
      error,
    )
  }
}
