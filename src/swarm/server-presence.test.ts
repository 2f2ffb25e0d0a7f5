import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { ServerGuard } from './server-presence.ts'

/** A guard over a server of which a test says how it is, second by second. */
function guarded(context: TestContext) {
  const state = { isHeld: false, isThere: false, lost: 0, second: 0, asked: 0 }
  const guard = new ServerGuard(
    {
      isHeld: () => state.isHeld,
      isThere: async () => {
        state.asked++
        return state.isThere
      },
    },
    () => state.lost++,
    () => state.second * 1e9,
  )
  context.after(() => guard.stop())
  const pass = async (seconds: number): Promise<void> => {
    for (let i = 0; i < seconds; i++) {
      state.second++
      await guard.look()
    }
  }
  return { state, guard, pass }
}

describe('the guard over a server', () => {
  it('misses it when it neither holds nor answers for five seconds, and says so once', async (context) => {
    const { state, pass } = guarded(context)
    await pass(5)
    assert.equal(state.lost, 0)
    await pass(1)
    assert.equal(state.lost, 1)
    await pass(10)
    assert.equal(state.lost, 1)
  })

  it('does not ask one that holds connections: it may stand still, and is there', async (context) => {
    const { state, pass } = guarded(context)
    state.isHeld = true
    await pass(60)
    assert.deepEqual([state.lost, state.asked], [0, 0])
  })

  it('does not miss one that nobody could connect to, and answers', async (context) => {
    const { state, pass } = guarded(context)
    state.isThere = true
    await pass(60)
    assert.equal(state.lost, 0)
  })

  it('does not miss one that came back, and counts anew from then on', async (context) => {
    const { state, pass } = guarded(context)
    await pass(5)
    state.isThere = true
    await pass(1)
    state.isThere = false
    await pass(5)
    assert.equal(state.lost, 0)
    await pass(1)
    assert.equal(state.lost, 1)
  })

  it('says nothing after its end, of what it was asking then either', async (context) => {
    const { state, guard, pass } = guarded(context)
    await pass(5)
    state.second++
    const look = guard.look()
    guard.stop()
    await look
    await pass(3)
    assert.equal(state.lost, 0)
  })
})
