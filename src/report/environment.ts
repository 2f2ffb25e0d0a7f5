import type { Result } from '../result/document.ts'
import { formatBytes, formatCount, missing } from './quantity.ts'

/** The machine and the tool, as names and values. */
export function environmentOf({ environment: at, tool }: Result): [string, string][] {
  return [
    ['Tool', `${tool.name} ${tool.version}`],
    ['Started', at.startedAt],
    ['Node', at.node],
    ['Platform', `${at.platform}, ${at.kernel}`],
    ['CPU', `${at.cpuModel}, ${at.cores} cores`],
    ['Memory', formatBytes(at.memoryBytes)],
    ['Open files per process', formatCount(at.openFilesLimit)],
    ['Commit', at.commit ?? missing],
  ]
}
