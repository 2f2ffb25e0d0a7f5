import { type Connect, connectWire, type Endpoint } from './socket.ts'

/** How clients connect to an endpoint; what HTTP/2 takes is loaded for it, and for no other. */
export async function connectTo(endpoint: Endpoint | undefined): Promise<Connect> {
  if (endpoint?.streams === undefined) return connectWire
  const { connectHttp2 } = await import('./http2-socket.ts')
  return connectHttp2
}
