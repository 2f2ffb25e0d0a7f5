import type { Transport } from '../transport.ts'
import { SseClient } from './client.ts'

export const sse: Transport = {
  name: 'sse',
  otherNames: ['server-sent-events', 'event-source', 'event-stream'],
  label: 'Server-Sent Events',
  traits: {
    direction: 'server push',
    latency: 'near real-time',
    connectionsHeld: 'one per client',
    protocol: 'HTTP (streaming)',
    browserSupport: 'all modern browsers',
    proxyFirewall: 'usually fine',
    complexity: 'low to medium',
    complexityGrade: 1.5,
    bestFor: 'notifications, feeds',
    scaling: 'bus',
    bidirectional: false,
    keepsInterval: false,
    needsUpgrade: false,
    streams: true,
    needsModernBrowser: true,
  },
  hue: { light: '#0b66b8', dark: '#6cb4f7', dash: [3, 2] },
  hasExchanges: false,
  endpointKeys: ['path', 'headers', 'gap', 'silence'],
  heartbeatMs: ({ heartbeatMs }) => heartbeatMs,
  worstCaseMs: (pace) => pace.timeoutMs,
  mount: async (...side) => (await import('./server.ts')).mountSse(...side),
  open: (...given) => new SseClient(...given),
  openWithLibrary: async () => {
    const { SseLibraryClient } = await import('./library-client.ts')
    return (target, session) => new SseLibraryClient(target, session)
  },
}
