import { withoutSecrets } from '../../scenario/secret.ts'
import type { CiCase, CiOptions } from './options.ts'

/** The command line that stores a case's baseline anew, measured as it is now; for a POSIX shell. */
export function updateLine({ file }: Pick<CiCase, 'file'>, options: CiOptions): string {
  const { baseline = '', url, serve, only, repeat, allowRemote } = options
  return [
    `rtbench ci ${quoted(file)} --baseline ${quoted(baseline)} --update-baseline`,
    ...(url === undefined ? [] : [`--url ${quoted(withoutSecrets(url))}`]),
    ...(serve === undefined ? [] : [`--serve ${quoted(serve)}`]),
    ...(allowRemote ? ['--allow-remote'] : []),
    ...(only === undefined ? [] : [`--only ${quoted(only)}`]),
    ...(repeat === undefined ? [] : [`--repeat ${quoted(repeat)}`]),
  ].join(' ')
}

function quoted(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
