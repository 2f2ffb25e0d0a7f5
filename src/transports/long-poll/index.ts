import type { Transport } from '../transport.ts'
import { LongPollClient } from './client.ts'

export const longPoll: Transport = {
  name: 'long-poll',
  label: 'Long polling',
  traits: {
    direction: 'client pull',
    latency: 'near real-time',
    connectionsHeld: 'one per client',
    protocol: 'HTTP',
    browserSupport: 'universal',
    proxyFirewall: 'no issues',
    complexity: 'low',
    bestFor: 'fallback, constrained environments',
  },
  hasExchanges: true,
  worstCaseMs: (pace) => pace.timeoutMs,
  mount: async (front, hub) => {
    const { mountLongPoll } = await import('./server.ts')
    mountLongPoll(front, hub, hub.meter('long-poll'))
  },
  open: (target, session) => new LongPollClient(target, session),
}
