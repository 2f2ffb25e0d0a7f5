import type { Balancer } from './balancer.ts'
import { haproxy } from './haproxy.ts'
import { nginx } from './nginx.ts'

/** Every front, in the order in which they are listed. */
export const balancers: readonly Balancer[] = [haproxy, nginx]

export const balancerNames: readonly string[] = balancers.map(({ name }) => name)

/** The front of this name; a name that passed the scenario's check is always here. */
export function balancerNamed(name: string): Balancer {
  const found = balancers.find((one) => one.name === name)
  if (found === undefined) throw new Error(`no front is named ${name}`)
  return found
}
