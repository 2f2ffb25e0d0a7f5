import { Command, type CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import { METRICS } from '../scenario/threshold.ts'
import type { CapacityOptions } from './capacity-options.ts'
import { addCi } from './ci/program.ts'
import { addCompare } from './compare-program.ts'
import type { ReportOptions } from './report-command.ts'
import type { RunOptions } from './run-command.ts'
import type { ServeOptions } from './serve-options.ts'
import { packageVersion } from './version.ts'

const RUN_EXAMPLES = `
Examples:
  $ rtbench run                                          compare all four, 1,000 clients each
  $ rtbench run --transport sse --clients 10000          one technique, ten thousand clients
  $ rtbench run scenarios/notifications.yaml --json      a scenario; the result document on stdout

Exit codes: 0 done, 1 could not run, 2 usage, 3 threshold missed, 4 measurement invalid,
5 partial result, 6 result not written, 130 interrupted.`

const METRIC_NOTES = `compared by <, <=, >, >= or ==, a unit with each time:
${columns(METRICS)}`

const RUN_NOTES = `
Metrics of --threshold, ${METRIC_NOTES}

Each flag of the scenario is also a variable, --ramp-up RTBENCH_RAMP_UP, and a key of its file,
rampUp. Flags go before variables, and these before the file.`

const CAPACITY_EXAMPLES = `
Examples:
  $ rtbench capacity --transport sse --limit 'p99<100ms'
  $ rtbench capacity --transport websocket --limit 'p99<50ms' --limit lost==0 --from 5k --to 20k
  $ rtbench capacity scenarios/broadcast.yaml --transport sse --search rate --limit 'p99<1s'

Exit codes: 0 answered, 1 could not run, 2 usage, 3 no value keeps the limits twice, 4 no answer for
the instrument or the machine, 5 partial result, 6 result not written, 130 interrupted.`

const CAPACITY_NOTES = `
Metrics of --limit, ${METRIC_NOTES}

A scenario's thresholds are the limits where no --limit is given. docs/capacity.md tells how the
search works.`

const SERVE_EXAMPLES = `
Examples:
  $ rtbench serve --port 8080                            all four techniques on one port
  $ curl -N 'http://127.0.0.1:8080/sse?channel=news'     listen
  $ curl -d '{"channel":"news","data":"hello"}' http://127.0.0.1:8080/publish`

const REPORT_EXAMPLES = `
Examples:
  $ rtbench report results/2026-11-22T10-49-36Z-all-1000.json
  $ rtbench report result.json --format markdown > comparison.md
  $ rtbench report result.json --format json | jq '.runs[].latency.p99Us'`

/** The command line. What a command does is loaded when it is called. */
export function createProgram(): Command {
  const program = new Command('rtbench')
    .description('Measures short polling, long polling, SSE and WebSocket side by side.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => write(`rtbench: ${oneLine(text)}\n`),
    })
    .addHelpText('after', RUN_EXAMPLES)
  addRun(program)
  addCapacity(program)
  addCi(program)
  addServe(program)
  addReport(program)
  addCompare(program)
  return program
}

/** What every measurement takes: the keys of a scenario, save those of one command. */
const SCENARIO_OPTIONS = [
  ['--clients <count>', 'virtual clients per transport, such as 500 or 10k (default: 1000)'],
  ['--duration <time>', 'steady window, such as 30s (default: 10s)'],
  ['--warmup <time>', 'published but not measured before it (default: 2s)'],
  ['--ramp-up <time>', 'spread connecting over this time (default: auto)'],
  ['--channels <count>', 'per-client, or a number; 1 is a broadcast (default: per-client)'],
  ['--rate <events>', 'events per second and channel, such as 0.1 or 6/min (default: 0.1)'],
  ['--arrivals <kind>', 'poisson or constant (default: poisson)'],
  ['--payload <bytes>', "bytes of an event's data, such as 4KiB (default: 128)"],
  ['--interval <time>', "the short poller's interval; 0 asks at once (default: 1s)"],
  ['--hold <time>', 'longest that a long poll is held (default: 30s)'],
  ['--engine <kind>', 'lean, or library: clients on undici and ws (default: lean)'],
  ['--instances <count>', 'server processes (default: auto)'],
  ['--workers <count>', 'swarm processes (default: auto)'],
  ['--backplane <name>', 'what carries events between instances (default: memory)'],
  ['--url <url>', 'measure a server that is running already: a reference server, or a target'],
  ['--seed <number>', 'of the schedule and all phases (default: random, printed)'],
  ['--name <name>', 'name of the result'],
] as const

/** Where what is measured comes from and goes to. */
const MEASUREMENT_OPTIONS = [
  ['--token <token>', 'token of the server at --url (or RTBENCH_TOKEN)'],
  ['--allow-remote', 'let --url name another machine'],
  ['--json', 'print the result document, and nothing else, on stdout'],
  ['--out <folder>', 'where to save JSON and Markdown (or RTBENCH_OUT; default: results)'],
  ['--no-save', 'save nothing'],
  ['--quiet', 'no progress'],
  ['--verbose', 'show stack traces'],
] as const

/** So that whoever tries it learns where it belongs. */
const TARGET_OPTION = new Option('--target <description>', 'in a scenario file only').hideHelp()

function withOptions<Subcommand extends CommandUnknownOpts>(
  command: Subcommand,
  options: readonly (readonly [flags: string, description: string])[],
): Subcommand {
  for (const [flags, description] of options) command.option(flags, description)
  return command
}

function addRun(program: Command): void {
  const bare = program
    .command('run')
    .summary('measure and compare')
    .description('Starts a reference server, runs a swarm for each technique and compares them.')
    .argument('[scenario]', 'a scenario file, YAML or JSON; flags override what it says')
    .option('--transport <names>', 'comma-separated names, or all (default: all)')
    .addOption(TARGET_OPTION)
  const command = withOptions(bare, SCENARIO_OPTIONS)
    .option('--repeat <count>', 'repetitions of every transport (default: 1)')
    .option('--threshold <condition>', "such as 'p99<200ms'; repeatable", collect)
    .option('--allow-invalid', 'exit 0 although the measurement is invalid')
  withOptions(command, MEASUREMENT_OPTIONS)
    .addHelpText('after', RUN_NOTES)
    .addHelpText('after', RUN_EXAMPLES)
    .action(async (scenario: string | undefined, options: RunOptions) => {
      const { runCommand } = await import('./run-command.ts')
      process.exitCode = await runCommand(scenario, options)
    })
}

function addCapacity(program: Command): void {
  const command = program
    .command('capacity')
    .summary('search the most clients that keep a limit')
    .description('Searches the most clients, or the highest rate, that keeps every limit.')
    .argument('[scenario]', 'a scenario file, YAML or JSON; flags override what it says')
    .option('--transport <name>', 'one technique, unless the scenario names one alone')
    .addOption(TARGET_OPTION)
    .option(
      '--limit <condition>',
      "what a step must keep, such as 'p99<100ms'; repeatable",
      collect,
    )
    .option('--search <what>', 'clients or rate (default: clients)')
    .option('--from <value>', "the first value (default: the scenario's clients or rate)")
    .option('--to <value>', 'the greatest value (default: what this machine carries)')
    .option('--precision <share>', 'how near the answer is to what fails (default: 10%)')
  withOptions(withOptions(command, SCENARIO_OPTIONS), MEASUREMENT_OPTIONS)
    .addHelpText('after', CAPACITY_NOTES)
    .addHelpText('after', CAPACITY_EXAMPLES)
    .action(async (scenario: string | undefined, options: CapacityOptions) => {
      const { capacityCommand } = await import('./capacity-command.ts')
      process.exitCode = await capacityCommand(scenario, options)
    })
}

function addServe(program: Command): void {
  program
    .command('serve')
    .summary('start the reference server')
    .description('Serves all four techniques on one port, over one event log.')
    .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
    .option('--port <number>', 'port; 0 takes a free one (default: 8080)')
    .option('--token <token>', 'ask for this token everywhere (or RTBENCH_TOKEN)')
    .option('--allow-origin <origin>', 'a page origin that may use it; repeatable', collect)
    .option('--log-size <events>', 'events retained for resuming clients (default: 16384)')
    .option('--hold <time>', 'longest that a long poll is held (default: 30s)')
    .option(
      '--heartbeat <time>',
      'between SSE comments and between WebSocket pings (default: 15s, 25s)',
    )
    .option(
      '--fault <faults>',
      'misbehave on purpose: delay=20ms, delay=100ms/1%, drop=1/1000, duplicate=1/500, swap=1/200',
      joined,
    )
    .option('--seed <number>', 'of the faults (default: random, printed)')
    .option('--verbose', 'show stack traces')
    .addHelpText('after', SERVE_EXAMPLES)
    .action(async (options: ServeOptions) => {
      const { serveCommand } = await import('./serve-command.ts')
      process.exitCode = await serveCommand(options)
    })
}

function addReport(program: Command): void {
  program
    .command('report')
    .summary('print a stored result')
    .description('Renders a stored result without measuring anything.')
    .argument('<file>', 'a result document')
    .option('--format <format>', 'table, markdown, json or junit (default: table)')
    .option('--verbose', 'show stack traces')
    .addHelpText('after', REPORT_EXAMPLES)
    .action(async (file: string, options: ReportOptions) => {
      const { reportCommand } = await import('./report-command.ts')
      process.exitCode = await reportCommand(file, options)
    })
}

/** Words in lines of less than 100 characters. */
function columns(words: readonly string[]): string {
  return words
    .join(', ')
    .replace(/(.{1,90})(?: |$)/g, '  $1\n')
    .trimEnd()
}

function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value]
}

function joined(value: string, before: string | undefined): string {
  return before === undefined ? value : `${before},${value}`
}

function oneLine(text: string): string {
  return text
    .trim()
    .replace(/^error: /, '')
    .replaceAll('\n', ' ')
}
