/**
 * What a machine says about itself. Null where it does not: /proc and /sys are Linux's, and a
 * container or a virtual machine hides some of them.
 */
export interface MachineReading {
  /** `linux`, `darwin`, `win32` */
  readonly platform: string
  /** `20.20.2` */
  readonly node: string
  /** Open files of a process, as raised by Node, and of the whole system. */
  readonly openFiles: number | null
  readonly systemFiles: { readonly used: number; readonly most: number } | null
  /** Local ports for connections to one address and port. */
  readonly localPorts: number | null
  /** Sockets that were closed and keep their port for a minute. */
  readonly timeWait: number | null
  /** 0: never used again, 1: always, 2: on the loopback address. */
  readonly timeWaitReuse: number | null
  /** The longest queue of connections that nobody has accepted yet. */
  readonly listenQueue: number | null
  /** That this process may use, and all that the machine has. */
  readonly cores: number
  readonly hostCores: number
  /** CPU time of the control group, in cores. */
  readonly coreQuota: number | null
  readonly memoryBytes: number
  /** That can be had without swapping. */
  readonly availableBytes: number | null
  /** Pages that went out to, or came in from, the swap during the look. */
  readonly swappedPages: number | null
  readonly swapUsedBytes: number | null
  readonly clock: ClockReading
  /** Processor time during the look; null where no time went by. */
  readonly load: LoadReading | null
  /** Of the last minute, on all cores of the machine. */
  readonly loadAverage: number | null
  /** `performance`, `powersave`… */
  readonly governor: string | null
  readonly turbo: boolean | null
  /** `docker`, `podman`, `kubernetes`, `container` */
  readonly container: string | null
}

export interface ClockReading {
  /** Mean of many. */
  readonly costNs: number
  /** The least step that was seen. */
  readonly stepNs: number
  /** `tsc`, `hpet`… and what else there is. */
  readonly source: string | null
  readonly sources: readonly string[]
}

/** Shares of the cores that this process may use, 0 to 1. */
export interface LoadReading {
  readonly busy: number
  /** Taken by the hypervisor for others; null where it does not tell. */
  readonly stolen: number | null
}
