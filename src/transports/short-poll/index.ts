import type { Transport } from '../transport.ts'
import { ShortPollClient } from './client.ts'
import { mountShortPoll } from './server.ts'

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
  mount: (front, hub) => mountShortPoll(front, hub, hub.meter('short-poll')),
  open: (target, session) => new ShortPollClient(target, session),
}
