import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BusUnderTest, ServedBus } from './backplane.conformance.ts'
import { open } from './memory.ts'
import { MemoryBus } from './memory-bus.ts'

/** A memory bus in this process, killed by cutting all that it has. */
async function serve(): Promise<ServedBus> {
  const folder = mkdtempSync(join(tmpdir(), 'rtbench-bus-'))
  const path = join(folder, 'bus')
  let bus = new MemoryBus()
  await bus.listen(path)
  return {
    url: `memory://${path}`,
    address: { path },
    at: (address) => ('path' in address ? `memory://${address.path}` : null),
    kill: () => bus.close(),
    start: async () => {
      bus = new MemoryBus()
      await bus.listen(path)
    },
    stop: async () => {
      await bus.close()
      rmSync(folder, { recursive: true })
    },
  }
}

export const MEMORY: BusUnderTest = {
  name: 'memory',
  open,
  routings: ['broadcast', 'by-channel'],
  serve,
  keepsStore: false,
  tells: true,
}
