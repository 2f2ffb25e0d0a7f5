import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Criterion, rank } from './ranking.ts'

type Lying = readonly [value: number, low: number, high: number | null]
interface One {
  readonly name: string
  readonly cpu: Lying | null
  readonly bytes?: Lying
}

const of =
  (read: (one: One) => Lying | null | undefined) =>
  (one: One): { value: number; low: number; high: number | null } | null => {
    const found = read(one)
    return found == null ? null : { value: found[0], low: found[1], high: found[2] }
  }
const CRITERIA: readonly Criterion<One>[] = [
  { by: 'cpu', lies: of(({ cpu }) => cpu), matters: 0.1 },
  { by: 'bytes', lies: of(({ bytes }) => bytes ?? [1, 1, 1]), matters: 10 },
]

const told = (...candidates: readonly One[]) => {
  const { first, steps, open } = rank(candidates, CRITERIA)
  return [
    first.map(({ name }) => name).join(' '),
    steps
      .map(({ by, against, isByLittle }) => `${by} ${against.name}${isByLittle ? '?' : ''}`)
      .join(' '),
    open.map(({ by, pair }) => `${by} ${pair.map(({ name }) => name).join('=')}`).join(' '),
  ]
}

describe('a ranking', () => {
  const a: One = { name: 'a', cpu: [1, 0.9, 1.1] }
  it('leaves behind who is shown to cost more, and names the nearest of them', () => {
    const dear: One = { name: 'b', cpu: [2, 1.8, 2.2] }
    const dearer: One = { name: 'c', cpu: [4, 3.8, 4.2] }
    assert.deepEqual(told(dearer, a, dear), ['a', 'cpu b', ''])
  })

  it('ranks none of two whose intervals meet', () => {
    assert.deepEqual(told(a, { name: 'b', cpu: [1.3, 1.05, 1.6] }), ['a b', '', 'cpu a=b'])
  })

  it('takes for equal who is near wherever each lies', () => {
    assert.deepEqual(told(a, { name: 'b', cpu: [1, 0.95, 1] }), ['a b', '', 'cpu a=b'])
    const sure: One = { name: 'sure', cpu: [1, 0.98, 1.02] }
    assert.deepEqual(told(sure, { name: 'b', cpu: [1, 0.97, 1.03] }), ['sure b', '', ''])
  })

  it('says where a difference that is shown may be too little to matter', () => {
    assert.deepEqual(told(a, { name: 'b', cpu: [1.4, 1.15, 1.6] }), ['a', 'cpu b?', ''])
  })

  it('goes on among those that are left, and remembers what could not be told', () => {
    const b: One = { name: 'b', cpu: [1.3, 1.05, 1.6], bytes: [50, 50, 50] }
    // Bytes are told, so that it does not matter any more that CPU is not.
    assert.deepEqual(told(a, b), ['a', 'bytes b', ''])
  })

  it('knows nothing of who has no figure', () => {
    assert.deepEqual(told(a, { name: 'b', cpu: null }), ['a b', '', 'cpu a=b'])
    const none: One = { name: 'b', cpu: null }
    // What nobody tells is no reason for or against any.
    assert.deepEqual(told({ ...none, name: 'a' }, none), ['a b', '', ''])
    assert.deepEqual(told(), ['', '', ''])
  })

  it('ranks by any difference where none is too little', () => {
    const exact: readonly Criterion<One>[] = CRITERIA.map((one) => ({ ...one, matters: 0 }))
    const near: One = { name: 'b', cpu: [1.12, 1.11, 1.13] }
    assert.equal(rank([a, near], exact).first.length, 1)
  })
})
