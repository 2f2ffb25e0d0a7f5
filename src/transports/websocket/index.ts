import type { Transport } from '../transport.ts'
import { WebSocketClient } from './client.ts'

export const websocket: Transport = {
  name: 'websocket',
  label: 'WebSocket',
  traits: {
    direction: 'bidirectional',
    latency: 'real-time',
    connectionsHeld: 'one per client',
    protocol: 'WS (TCP upgrade)',
    browserSupport: 'all modern browsers',
    proxyFirewall: 'sometimes blocked',
    complexity: 'medium to high',
    bestFor: 'chat, games, collaboration',
  },
  hasExchanges: false,
  worstCaseMs: (pace) => pace.timeoutMs,
  mount: async (front, hub) => {
    const { mountWebSocket } = await import('./server.ts')
    mountWebSocket(front, hub, hub.meter('websocket'))
  },
  open: (target, session) => new WebSocketClient(target, session),
}
