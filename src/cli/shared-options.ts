import { type CommandUnknownOpts, Option } from '@commander-js/extra-typings'

/** What every measurement takes: the keys of a scenario, save those of one command. */
export const SCENARIO_OPTIONS = [
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
export const MEASUREMENT_OPTIONS = [
  ['--token <token>', 'token of the server at --url (or RTBENCH_TOKEN)'],
  ['--allow-remote', 'let --url name another machine'],
  ['--json', 'print the result document, and nothing else, on stdout'],
  ['--out <folder>', 'where to save JSON and Markdown (or RTBENCH_OUT; default: results)'],
  ['--no-save', 'save nothing'],
  ['--quiet', 'no progress'],
  ['--verbose', 'show stack traces'],
] as const

/** So that whoever tries it learns where it belongs. */
export const TARGET_OPTION = new Option(
  '--target <description>',
  'in a scenario file only',
).hideHelp()

/** Adds options without types of their own: their command reads them as a record. */
export function withOptions<Subcommand extends CommandUnknownOpts>(
  command: Subcommand,
  options: readonly (readonly [flags: string, description: string])[],
): Subcommand {
  for (const [flags, description] of options) command.option(flags, description)
  return command
}
