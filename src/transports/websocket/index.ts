import type { Transport } from '../transport.ts'
import { WebSocketClient } from './client.ts'
import { mountWebSocket } from './server.ts'

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
  mount: (front, hub) => mountWebSocket(front, hub, hub.meter('websocket')),
  open: (target, session) => new WebSocketClient(target, session),
}
