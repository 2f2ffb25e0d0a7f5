/**
 * A program of somebody else's that is started with a configuration of ours: what has to be known of it to
 * find it, to start it and to understand what it says.
 */
export interface Program {
  readonly name: string
  /** As its makers write it. */
  readonly label: string
  /** The program, and Debian's package that has it. */
  readonly program: string
  readonly package: string
  /** By which it tells its version; `-v` where nothing is said. */
  readonly versionArgument?: string
  /** The version in what it says then. */
  readonly version: RegExp
  /** In what it says while it starts, the lines that tell why it does not. */
  readonly complaint: RegExp
  /**
   * Its arguments, by which it stays in the foreground.
   * @param folder its own, for whatever it wants to write; it is started there
   */
  args(file: string, folder: string): readonly string[]
  /** How the paths begin of what it leaves outside of its folder, when it is killed; nothing where that is not said. */
  leftovers?(folder: string): string
}
