/** All that the repository tells its readers to type. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { createProgram } from '../program.ts'
import {
  type Script,
  scriptsOfHelp,
  scriptsOfPage,
  scriptsOfScenario,
} from './script.conformance.ts'

/** Of every page, of every scenario's head and of every command's help. */
export async function documentedScripts(root: string): Promise<readonly Script[]> {
  const { commands } = await createProgram()
  const pages = [
    'README.md',
    'CHANGELOG.md',
    'results/README.md',
    ...filesIn(root, 'docs'),
    ...filesIn(root, 'docs/decisions'),
  ]
  const scenarios = [...filesIn(root, 'scenarios'), ...filesIn(root, 'scenarios/ci')]
  const read = (file: string): string => readFileSync(join(root, file), 'utf8')
  return [
    ...pages
      .filter((file) => file.endsWith('.md'))
      .flatMap((file) => scriptsOfPage(file, read(file))),
    ...scenarios
      .filter((file) => file.endsWith('.yaml'))
      .flatMap((file) => scriptsOfScenario(file, read(file))),
    ...commands.flatMap((command) => scriptsOfHelp(command.name(), helpOf(command))),
  ]
}

/** The whole help, with what is added to it. */
function helpOf(command: CommandUnknownOpts): string {
  let help = ''
  command.configureOutput({
    writeOut(text) {
      help += text
    },
  })
  command.outputHelp()
  return help
}

function filesIn(root: string, folder: string): readonly string[] {
  return readdirSync(join(root, folder))
    .sort()
    .map((name) => `${folder}/${name}`)
}
