import type { Transport } from '../transport.ts'
import { ShortPollClient } from './client.ts'

export const shortPoll: Transport = {
  name: 'short-poll',
  label: 'Short polling',
  traits: {
    direction: 'client pull',
    latency: 'poll interval',
    connectionsHeld: 'none',
    protocol: 'HTTP',
    browserSupport: 'universal',
    proxyFirewall: 'no issues',
    complexity: 'lowest',
    bestFor: 'infrequent updates',
  },
  hasExchanges: true,
  worstCaseMs: (pace) => pace.intervalMs + pace.timeoutMs,
  mount: async (front, hub) => {
    const { mountShortPoll } = await import('./server.ts')
    mountShortPoll(front, hub, hub.meter('short-poll'))
  },
  open: (target, session) => new ShortPollClient(target, session),
}
