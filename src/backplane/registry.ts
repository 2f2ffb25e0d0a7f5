import type { Backplane } from './backplane.ts'
import { MemoryBackplane } from './memory.ts'

/** Every backplane by the name that a scenario has for it, with how a server gets on it. */
const backplanes: ReadonlyMap<string, <Message>() => Backplane<Message>> = new Map([
  ['memory', () => new MemoryBackplane()],
])

export const backplaneNames: readonly string[] = [...backplanes.keys()]

/** The backplane of this name; a name that passed the scenario's check is always here. */
export function openBackplane<Message>(name: string): Backplane<Message> {
  const open = backplanes.get(name)
  if (open === undefined) throw new Error(`no backplane is named ${name}`)
  return open()
}
