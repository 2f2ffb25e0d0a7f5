import type { Transport } from '../transport.ts'
import { SseClient } from './client.ts'

export const sse: Transport = {
  name: 'sse',
  label: 'Server-Sent Events',
  traits: {
    direction: 'server push',
    latency: 'near real-time',
    connectionsHeld: 'one per client',
    protocol: 'HTTP (streaming)',
    browserSupport: 'all modern browsers',
    proxyFirewall: 'usually fine',
    complexity: 'low to medium',
    bestFor: 'notifications, feeds',
  },
  hasExchanges: false,
  worstCaseMs: (pace) => pace.timeoutMs,
  mount: async (front, hub) => {
    const { mountSse } = await import('./server.ts')
    mountSse(front, hub, hub.meter('sse'))
  },
  open: (target, session) => new SseClient(target, session),
}
