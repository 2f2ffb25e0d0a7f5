import type { CiCase, CiOptions } from '../cli/ci/options.ts'
import { shellWord } from '../report/wording.ts'
import { withoutSecrets } from '../scenario/secret.ts'

/** The command line that stores a case's baseline anew, measured as it is now; for a POSIX shell. */
export function updateLine({ file }: Pick<CiCase, 'file'>, options: CiOptions): string {
  const { baseline = '', url, serve, only, repeat, allowRemote } = options
  return [
    `rtbench ci ${shellWord(file)} --baseline ${shellWord(baseline)} --update-baseline`,
    ...(url === undefined ? [] : [`--url ${shellWord(withoutSecrets(url))}`]),
    ...(serve === undefined ? [] : [`--serve ${shellWord(serve)}`]),
    ...(allowRemote ? ['--allow-remote'] : []),
    ...(only === undefined ? [] : [`--only ${shellWord(only)}`]),
    ...(repeat === undefined ? [] : [`--repeat ${shellWord(repeat)}`]),
  ].join(' ')
}
