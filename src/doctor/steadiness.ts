import { formatGigabytes, formatShare } from '../scenario/units.ts'
import { counted } from '../text.ts'
import { bad, type Judgement, type Look, ok, setKernel, unknown, wholeCores } from './finding.ts'
import type { MachineReading } from './machine.ts'

/** Of the cores that can be used; more of it stands in the latencies. */
const SOME_LOAD = 0.1
const MUCH_LOAD = 0.5
const SOME_STOLEN = 0.01
const SLOW_CLOCK_NS = 1000
const LITTLE_MEMORY = 1e9
const OLDEST_NODE = '20.18.1'

/** Whether figures of this machine can be believed: cores, clock, other load. */
export const STEADINESS: readonly Look[] = [
  ['node', 'Node', node],
  ['cores', 'Cores', cores],
  ['memory', 'Memory', memory],
  ['swap', 'Swap', swap],
  ['clock', 'Clock', clock],
  ['other-load', 'Other load', otherLoad],
  ['steal', 'Stolen time', stolen],
  ['governor', 'CPU frequency', governor],
  ['container', 'Container', container],
]

function node({ node }: MachineReading): Judgement {
  if (node.localeCompare(OLDEST_NODE, 'en', { numeric: true }) < 0) {
    const text = `${node} is older than ${OLDEST_NODE}, the oldest that rtbench runs on`
    return bad('fail', text, 'nvm install 24')
  }
  if (Number.parseInt(node, 10) % 2 === 1) {
    const text = `${node} is no version with long-term support: rtbench is not tested on it`
    return bad('warn', text, 'nvm install 24')
  }
  return ok(`${node} is supported`)
}

function cores({ cores, coreQuota, container }: MachineReading): Judgement {
  const elsewhere =
    'rtbench serve on another machine, and rtbench run --url http://HOST:8080 --allow-remote'
  if (coreQuota !== null && coreQuota < cores) {
    const text = `${cores}, of which the control group grants the time of ${Number(coreQuota.toFixed(2))}: who uses it up stands still until the next period`
    return bad('warn', text, wholeCores(container, coreQuota))
  }
  if (cores === 1) {
    const text = '1: server and swarm take turns on it, and wait for each other'
    return bad('warn', text, elsewhere)
  }
  const text =
    cores < 4
      ? `${cores}: server and swarm have one each; compare transports with each other, not with other machines`
      : `${cores}: one for the server, ${cores - 1} for the swarm`
  return ok(text)
}

function memory({ memoryBytes, availableBytes }: MachineReading): Judgement {
  const all = formatGigabytes(memoryBytes)
  if (availableBytes === null) return unknown(`${all}; how much is to spare is not told`)
  const text = `${formatGigabytes(availableBytes)} of ${all} to spare`
  if (availableBytes >= LITTLE_MEMORY) return ok(text)
  return bad('warn', text, 'ps -eo rss,pid,comm --sort=-rss | head')
}

function swap({ swapUsedBytes, swappedPages, container }: MachineReading): Judgement {
  if (swapUsedBytes === null) return unknown('whether anything is swapped is not told')
  const used =
    swapUsedBytes === 0 ? 'nothing is swapped out' : `${formatGigabytes(swapUsedBytes)} in use`
  if ((swappedPages ?? 0) === 0) return ok(used)
  const text = `${used}, and pages move to and fro: what waits for them is late`
  return bad('warn', text, setKernel(container, 'vm.swappiness', 1))
}

function clock({ clock: { costNs, stepNs, source, sources } }: MachineReading): Judgement {
  const by = source === null ? '' : `${source}: `
  const text = `${by}a reading takes ${time(costNs)}, the least step is ${time(stepNs)}`
  if (costNs < SLOW_CLOCK_NS && stepNs < 1e6) return ok(text)
  const file = '/sys/devices/system/clocksource/clocksource0/current_clocksource'
  const better = sources.find((one) => one === 'tsc' && source !== 'tsc')
  const fix =
    better === undefined
      ? 'another machine: this one has no quicker clock'
      : `echo ${better} | sudo tee ${file}`
  return bad('warn', `${text}: slow enough to be seen in latencies`, fix)
}

function time(ns: number): string {
  return ns < 1000
    ? `${Math.round(ns)} ns`
    : ns < 1e6
      ? `${Number((ns / 1e3).toFixed(1))} µs`
      : `${Number((ns / 1e6).toFixed(1))} ms`
}

function otherLoad({ load, loadAverage, cores, hostCores }: MachineReading): Judgement {
  if (load === null) return unknown('how busy the cores are is not told')
  // The system's figure knows nothing of which cores a process may use.
  const all = hostCores > cores ? ` on all ${hostCores}` : ''
  const minute =
    loadAverage === null ? '' : `, a load of ${loadAverage.toFixed(1)}${all} in the last minute`
  const text = `${formatShare(load.busy)} of ${counted(cores, 'core')} busy${minute}`
  if (load.busy < SOME_LOAD) return ok(text)
  const fix = 'ps -eo pcpu,pid,comm --sort=-pcpu | head'
  const outcome = load.busy < MUCH_LOAD ? 'warn' : 'fail'
  return bad(outcome, `${text}: other work will stand in the figures`, fix)
}

function stolen({ load }: MachineReading): Judgement {
  const share = load?.stolen ?? null
  if (share === null) return unknown('what a hypervisor takes for others is not told')
  const text = `${formatShare(share)} went to others on the hypervisor`
  if (share < SOME_STOLEN) return ok(text)
  const fix =
    'a machine with dedicated cores; more repetitions (--repeat 5) at least show the spread'
  return bad('warn', `${text}: nobody here can see when`, fix)
}

function governor({ governor, turbo }: MachineReading): Judgement {
  const boost = turbo === null ? '' : turbo ? ', turbo on' : ', turbo off'
  if (governor === null) return unknown(`not told, as on most virtual machines${boost}`)
  const text = `governor ${governor}${boost}`
  if (governor === 'performance') return ok(text)
  const slow = `${text}: cores that wake up slowly make a calm run look worse than a busy one`
  return bad('warn', slow, 'sudo cpupower frequency-set -g performance')
}

function container({ container }: MachineReading): Judgement {
  const text =
    container === null
      ? 'none that shows'
      : `${container}: its limits and its net.* are set where it is started; fs.*, vm.* and the cores' frequency belong to its host`
  return ok(text)
}
