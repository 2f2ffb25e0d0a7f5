import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { extname } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { open } from './kafka.ts'
import { parseKafkaUrl } from './kafka-url.ts'

const options = { namespace: 'a', retain: 10, routing: 'broadcast' } as const

test('a URL names brokers, who logs in, and whether TLS is spoken', () => {
  const plain = { login: null, isEncrypted: false }
  for (const [url, address] of [
    ['kafka://a', { ...plain, brokers: [{ host: 'a', port: 9092 }] }],
    ['KAFKA://a:1/', { ...plain, brokers: [{ host: 'a', port: 1 }] }],
    [
      'kafka://a:1,[::1]:2,c?tls=true',
      {
        brokers: [
          { host: 'a', port: 1 },
          { host: '::1', port: 2 },
          { host: 'c', port: 9092 },
        ],
        login: null,
        isEncrypted: true,
      },
    ],
    [
      'kafka://u:p%40/@:?@a:65535/?tls=false',
      {
        ...plain,
        brokers: [{ host: 'a', port: 65_535 }],
        login: { username: 'u', password: 'p@/@:?' },
      },
    ],
  ] as const) {
    assert.deepEqual(parseKafkaUrl(url), address, url)
  }
})

test('what is no address of brokers is refused in a line without secrets', async () => {
  for (const [url, problem] of [
    ['kafka://', 'is no address of Kafka brokers'],
    ['kafka://a/topic', 'is no address of Kafka brokers'],
    ['kafka://a:0', 'has a broker that is no host:port'],
    ['kafka://a:65536', 'has a broker that is no host:port'],
    ['kafka://a,,b', 'has a broker that is no host:port'],
    ['kafka://a?ssl=1', 'has the parameter ssl, and there is none but tls'],
    ['kafka://a?tls=yes', 'tls is neither true nor false'],
    ['kafka://s3cret@a', 'says who logs in by something else than user:password'],
    ['kafka://u:s3cret%@a', 'has a % in user or password that is not %25'],
    ['kafka://u:s3cret@', 'is no address of Kafka brokers'],
  ] as const) {
    await assert.rejects(open(url, options), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'cannot-run')
      assert.ok(error.message.includes(`: ${problem}; expected kafka://`), error.message)
      assert.doesNotMatch(error.message, /s3cret|\n/)
      return true
    })
  }
})

/** A server that is no Kafka broker, gone after the test; and where it is. */
async function impostor(
  context: { after(done: () => void): void },
  serve: (socket: Socket) => void,
): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}))
    serve(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  context.after(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return `kafka://u:s3cret@127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('a server that is no broker is told in a line without secrets, whatever it does', async (context) => {
  const begunMs = performance.now()
  const serving: readonly ((socket: Socket) => void)[] = [
    (socket) => socket.destroy(),
    (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
    (socket) => socket.write('-ERR unknown command\r\n'.repeat(9)),
    () => {},
  ]
  const opening = serving.map(async (serve) => {
    const url = await impostor(context, serve)
    await assert.rejects(open(url, options), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'cannot-run')
      const line = /^--backplane kafka:\/\/\*\*\*@[\d.:]+: no Kafka there that can be used: [^\n]+$/
      assert.match(error.message, line)
      assert.doesNotMatch(error.message, /s3cret/)
      return true
    })
  })
  await Promise.all(opening)
  assert.ok(performance.now() - begunMs < 20_000)
})

test('without the package it is said how to install it', async () => {
  const source = import.meta.url
  const hooks = `export function resolve(name, context, next) {
    if (name !== '@platformatic/kafka') return next(name, context)
    throw Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' })
  }`
  const asData = (text: string): string => `data:text/javascript,${encodeURIComponent(text)}`
  const register = `import { register } from 'node:module'; register(${JSON.stringify(asData(hooks))})`
  const module = new URL(`kafka${extname(fileURLToPath(source))}`, source)
  const program = `const { open } = await import(${JSON.stringify(module)})
    await open('kafka://u:s3cret@127.0.0.1:1', {}).catch(({ code, message }) => console.log(code, message))`
  const flags = [...process.execArgv.filter((flag) => !flag.startsWith('--test')), '--import']
  const child = spawn(process.execPath, [
    ...flags,
    asData(register),
    '--input-type=module',
    '-e',
    program,
  ])
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (bytes: Buffer) => {
      said += bytes
    })
  }
  await once(child, 'close')
  assert.equal(
    said,
    'cannot-run --backplane kafka://***@127.0.0.1:1: what it needs is not installed: npm install @platformatic/kafka@1\n',
  )
})
