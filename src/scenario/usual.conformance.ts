/** The scenario that counts where nobody says anything, for tests to change. */
import { resolveScenario } from './resolve.ts'

export const usualScenario = resolveScenario([], {
  transportNames: ['short-poll', 'long-poll', 'sse', 'websocket'],
  randomSeed: () => 42,
})
