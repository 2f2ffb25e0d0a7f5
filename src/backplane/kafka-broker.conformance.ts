/**
 * A real Kafka broker for tests: one node that is its own controller, from the artifacts that Apache
 * publishes, in a Java process with a small heap. They are fetched once a machine, by Maven, into the
 * user's cache (`KAFKA_CACHE` for another folder): `node scripts/kafka.mjs`, some 20 s and 44 MB. A broker starts
 * in 2 s.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { connect, createServer, type NetConnectOpts } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BusUnderTest } from './backplane.conformance.ts'
import { open } from './kafka.ts'

const VERSION = '4.1.2'
const LOGGER_VERSION = '1.7.36'
const MAVEN_PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1'
/** Any 16 bytes, in Base64. */
const CLUSTER = 'cnRiZW5jaC10ZXN0cy4uLg'
const QUIET = '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'
/** The oldest Java that this Kafka runs on. */
const OLDEST_JAVA = 17
const START_MS = 60_000
const STEP_MS = 20
/** Where the system takes none of its own ports from, so that a broker that was killed finds its own free. */
const PORTS = { from: 20_000, to: 32_000 }

export const SASL_LOGIN = 'alice:s3cret'

const cache =
  process.env['KAFKA_CACHE'] ??
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'rtbench', 'kafka')
const artifacts = join(cache, VERSION)
const KEY_STORE = 'broker.p12'
const STORE_PASSWORD = 'changeit'
const CERTIFICATE = 'broker.pem'
/** Who trusts it speaks TLS with the broker. */
export const brokerCertificate = join(artifacts, CERTIFICATE)

/** What a broker needs and this machine lacks, in a line with what brings it; null for nothing. */
export function missingForKafka(): string | null {
  const { stderr, status } = spawnSync('java', ['-version'], { encoding: 'utf8' })
  const java = Number(/version "(\d+)/.exec(stderr)?.[1])
  if (status !== 0 || !(java >= OLDEST_JAVA)) {
    return `Java ${OLDEST_JAVA} is not here: apt-get install openjdk-17-jre-headless`
  }
  return existsSync(artifacts) ? null : 'no Kafka is in the cache: node scripts/kafka.mjs'
}

/** Fetches what a broker is made of where it is not there yet; throws what Maven said. */
export function fetchKafka(): void {
  if (existsSync(artifacts)) return
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'fetch-'))
  try {
    const pom = join(folder, 'pom.xml')
    writeFileSync(pom, POM)
    const goal = `${MAVEN_PLUGIN}:copy-dependencies`
    const options = [`-DoutputDirectory=${join(folder, 'lib')}`, '-DincludeScope=runtime']
    execFileSync('mvn', ['-B', '-q', '-f', pom, goal, ...options], { stdio: 'inherit' })
    const properties = join(folder, 'format.properties')
    writeFileSync(properties, settings({ ports: [1, 2, 3, 4], folder: join(folder, 'formatted') }))
    const format = ['format', '-t', CLUSTER, '-c', properties]
    const java = [QUIET, '-cp', join(folder, 'lib', '*'), 'kafka.tools.StorageTool']
    execFileSync('java', [...java, ...format])
    const store = [
      '-keystore',
      join(folder, KEY_STORE),
      '-storepass',
      STORE_PASSWORD,
      '-alias',
      'broker',
    ]
    const key = [
      '-keyalg',
      'EC',
      '-dname',
      'CN=broker',
      '-validity',
      '36500',
      '-ext',
      'SAN=ip:127.0.0.1',
    ]
    execFileSync('keytool', ['-genkeypair', ...store, ...key], { stdio: 'pipe' })
    const certificate = ['-exportcert', '-rfc', ...store, '-file', join(folder, CERTIFICATE)]
    execFileSync('keytool', certificate, { stdio: 'pipe' })
    renameSync(folder, artifacts)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const dependency = ([group, name, version]: readonly string[]): string =>
  `<dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version></dependency>`
const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
<modelVersion>4.0.0</modelVersion>
<groupId>rtbench</groupId><artifactId>kafka-broker</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>
${dependency(['org.apache.kafka', 'kafka_2.13', VERSION])}
${dependency(['org.slf4j', 'slf4j-simple', LOGGER_VERSION])}
</dependencies>
</project>
`

/** For those who do not log in, for those who do, for those who speak TLS, for the controller. */
type Ports = readonly [number, number, number, number]

interface Place {
  readonly ports: Ports
  readonly folder: string
}

function settings({ ports: [plain, sasl, tls, controller], folder }: Place): string {
  const [username, password] = SASL_LOGIN.split(':')
  const module = 'org.apache.kafka.common.security.plain.PlainLoginModule'
  return `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controller}
listeners=PLAINTEXT://127.0.0.1:${plain},SASL_PLAINTEXT://127.0.0.1:${sasl},SSL://127.0.0.1:${tls},CONTROLLER://127.0.0.1:${controller}
advertised.listeners=PLAINTEXT://127.0.0.1:${plain},SASL_PLAINTEXT://127.0.0.1:${sasl},SSL://127.0.0.1:${tls}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,SSL:SSL
sasl.enabled.mechanisms=PLAIN
listener.name.sasl_plaintext.plain.sasl.jaas.config=${module} required user_${username}="${password}";
ssl.keystore.location=${join(artifacts, KEY_STORE)}
ssl.keystore.password=${STORE_PASSWORD}
ssl.keystore.type=PKCS12
log.dirs=${folder}
num.network.threads=1
num.io.threads=2
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
`
}

export class KafkaBroker {
  readonly port: number
  readonly url: string
  /** Where one has to log in, as {@link SASL_LOGIN}. */
  readonly saslPort: number
  readonly tlsPort: number
  readonly #folder = mkdtempSync(join(tmpdir(), 'rtbench-kafka-'))
  #process: ChildProcess | null = null

  private constructor(ports: Ports) {
    const [port, saslPort, tlsPort] = ports
    this.port = port
    this.saslPort = saslPort
    this.tlsPort = tlsPort
    this.url = `kafka://127.0.0.1:${port}`
    cpSync(join(artifacts, 'formatted'), this.data, { recursive: true })
    writeFileSync(join(this.#folder, 'broker.properties'), settings({ ports, folder: this.data }))
  }

  /** Resolves when it serves. */
  static async start(): Promise<KafkaBroker> {
    const broker = new KafkaBroker([
      await freePort(),
      await freePort(),
      await freePort(),
      await freePort(),
    ])
    await broker.start()
    return broker
  }

  /** Its log folders, one a topic's partition. */
  get data(): string {
    return join(this.#folder, 'data')
  }

  get pid(): number {
    assert.ok(this.#process?.pid !== undefined)
    return this.#process.pid
  }

  /** Starts it again where it was, with what is in its log folders. */
  async start(): Promise<void> {
    const said = join(this.#folder, 'broker.log')
    const log = openSync(said, 'a')
    const java = [
      ...['java', '-Xmx256m', '-Xms64m', '-XX:+UseSerialGC'],
      ...[QUIET, '-cp', join(artifacts, 'lib', '*')],
      ...['kafka.Kafka', join(this.#folder, 'broker.properties')],
    ]
    // It does not outlive the test's process, whatever ended that.
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...java], {
      stdio: ['ignore', log, log],
    })
    this.#process = child
    const untilMs = performance.now() + START_MS
    while (!(await accepts(this.port))) {
      const isWaiting = child.exitCode === null && performance.now() < untilMs
      assert.ok(isWaiting, `the broker does not start: ${readFileSync(said, 'utf8').slice(-2_000)}`)
      await sleep(STEP_MS)
    }
  }

  /** Ends it at once, as a crash would. */
  async kill(): Promise<void> {
    const child = this.#process
    this.#process = null
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    child.kill('SIGKILL')
    await exit
  }

  /** Ends it, and removes all that it wrote. */
  async stop(): Promise<void> {
    await this.kill()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

export const KAFKA: BusUnderTest = {
  name: 'kafka',
  open,
  routings: ['broadcast'],
  keepsStore: true,
  tells: false,
  retainsMore: 12_500,
  async serve() {
    const missing = missingForKafka()
    if (missing !== null) return missing
    const broker = await KafkaBroker.start()
    return {
      url: broker.url,
      address: { host: '127.0.0.1', port: broker.port },
      at: (address: NetConnectOpts) =>
        'port' in address ? `kafka://127.0.0.1:${address.port}` : null,
      kill: () => broker.kill(),
      start: () => broker.start(),
      stop: () => broker.stop(),
    }
  },
}

async function freePort(): Promise<number> {
  for (;;) {
    const port = PORTS.from + Math.floor(Math.random() * (PORTS.to - PORTS.from))
    const server = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => resolve(true))
    })
    server.close()
    if (isFree) return port
  }
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  const connected = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
  })
  socket.destroy()
  return connected
}
