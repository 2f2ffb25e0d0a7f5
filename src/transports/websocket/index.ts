import type { Transport } from '../transport.ts'
import { WebSocketClient } from './client.ts'

export const websocket: Transport = {
  name: 'websocket',
  otherNames: ['web-socket', 'web-sockets', 'ws', 'wss'],
  label: 'WebSocket',
  traits: {
    direction: 'bidirectional',
    latency: 'real-time',
    connectionsHeld: 'one per client',
    protocol: 'WS (TCP upgrade)',
    browserSupport: 'all modern browsers',
    proxyFirewall: 'sometimes blocked',
    complexity: 'medium to high',
    complexityGrade: 2.5,
    bestFor: 'chat, games, collaboration',
    scaling: 'bus and sticky front',
    bidirectional: true,
    keepsInterval: false,
    needsUpgrade: true,
    streams: false,
    needsModernBrowser: true,
  },
  hue: { light: '#0c7f64', dark: '#4fc7a5', dash: [10, 3, 2, 3] },
  hasExchanges: false,
  endpointKeys: [
    ...(['path', 'headers', 'gap', 'silence'] as const),
    ...(['subscribe', 'resume', 'ids', 'subscribed', 'refused'] as const),
  ],
  heartbeatMs: ({ pingMs }) => pingMs,
  worstCaseMs: (pace) => pace.timeoutMs,
  mount: async (...side) => (await import('./server.ts')).mountWebSocket(...side),
  open: (...given) => new WebSocketClient(...given),
  openWithLibrary: async () => {
    const { WebSocketLibraryClient } = await import('./library-client.ts')
    return (target, session) => new WebSocketLibraryClient(target, session)
  },
}
