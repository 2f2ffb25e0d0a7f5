import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fileLayer } from './file-layer.ts'
import { environmentLayer } from './layer.ts'
import { linesOf as refusalOf } from './refusal.conformance.ts'
import type { Scenario } from './scenario.ts'
import type { EndpointKey } from './target.ts'
import { resolveScenario } from './usual.conformance.ts'

const transportNames = ['pull', 'push']

function resolve(text: string, environment: NodeJS.ProcessEnv = {}): Scenario {
  return resolveScenario([environmentLayer(environment), fileLayer('x.yaml', text)], {
    transportNames,
    otherNames: (name) => [`${name}s`],
    randomSeed: () => 1,
    endpointKeys: (name): readonly EndpointKey[] =>
      name === 'pull'
        ? ['path', 'headers', 'empty', 'cursor', 'first']
        : ['path', 'subscribe', 'resume', 'ids'],
  })
}

function linesOf(text: string, environment: NodeJS.ProcessEnv = {}): readonly string[] {
  return refusalOf(() => resolve(text, environment))
}

/** A scenario that is sound but for what is put into its target. */
function target(more: string, publish = "{ path: '/pub/{channel}' }"): string {
  return `url: http://127.0.0.1:8081\ntarget:\n  publish: ${publish}\n${more}`
}

const PULL = "  pull: { path: '/x/{channel}' }\n"

describe('a target', () => {
  it('has defaults, and what is described is what is run', () => {
    const { target: read, transports } = resolve(target(PULL))
    assert.deepEqual(read, {
      publish: {
        method: 'POST',
        path: '/pub/{channel}',
        headers: {},
        body: '{data}',
        accepted: [200, 201, 202, 204],
        connections: 8,
      },
      endpoints: { pull: { path: '/x/{channel}' } },
    })
    assert.deepEqual(transports, ['pull'])
    const otherwise = target("  Pulls: { path: '/x/{channel}' }\n")
    assert.deepEqual(resolve(otherwise).target, read)
    assert.deepEqual(resolve(`transport: all\n${target(PULL)}`).transports, ['pull'])
  })

  it('has one description of a transport, told by its name here', () => {
    const other = "  pulls: { path: '/{channel}' }\n"
    assert.match(
      linesOf(target(PULL + other)).join(),
      /^x\.yaml:\d+:\d+ target\.pulls: unknown key/,
    )
    const wrong = "  pulls: { path: 'x' }\n"
    assert.match(linesOf(target(wrong)).join(), /^x\.yaml:\d+:\d+ target\.pull\.path: "x" does not/)
  })

  it('says what the answer to a publish must and must not say', () => {
    const publish = `{ path: '/{channel}', confirmed: '"result":', refused: '"error":' }`
    const { target: read } = resolve(target(PULL, publish))
    assert.equal(read?.publish?.confirmed, '"result":')
    assert.equal(read?.publish?.refused, '"error":')
    const nobody = resolve(target(PULL, `{ path: '/{channel}', confirmed: null }`)).target
    assert.equal(nobody?.publish?.confirmed, null)
    const lines = linesOf(target(PULL, `{ path: '/{channel}', refused: '' }`))
    assert.match(lines.join(), /publish\.refused: "" is empty/)
  })

  it('takes a status for a list of one, an alias, and null for none', () => {
    const { target: read } = resolve(
      target(
        "  pull: { path: '/x?c={channel}', empty: &e 304, headers: {X-A: '{channel}'} }\n" +
          "  push: { path: '/{channel}', subscribe: null }\n",
        "{ path: '/{channel}', accepted: [202], headers: { Authorization: 'apikey 1' } }",
      ),
    )
    assert.deepEqual(read?.endpoints['pull'], {
      path: '/x?c={channel}',
      empty: [304],
      headers: { 'X-A': '{channel}' },
    })
    assert.deepEqual(read?.endpoints['push'], { path: '/{channel}', subscribe: null })
  })

  it('may ask for the hold of requests that are held, and of no others', () => {
    const path = '/x/{channel}?timeout={hold}'
    const { target: read } = resolve(target(`  pull: { path: '${path}' }\n`))
    assert.deepEqual(read?.endpoints['pull'], { path })
    assert.match(
      linesOf(target(`  push: { path: '${path}' }\n`)).join(),
      /target\.push\.path: .* has the unknown blank \{hold\}/,
    )
  })

  it('need not name channels for a broadcast, nor a publish without events', () => {
    const text = 'url: http://127.0.0.1\nrate: 0\nchannels: 1\ntarget: { pull: { path: /x } }'
    assert.equal(resolve(text).target?.publish, null)
  })

  const refused: readonly (readonly [text: string, line: RegExp])[] = [
    [
      target("  pul: { path: '/{channel}' }\n"),
      /^x\.yaml:4:8 target\.pul: unknown key, did you mean pull\?; expected one of publish, pull, push$/,
    ],
    [
      target("  pull: { pth: '/{channel}' }\n"),
      /target\.pull\.pth: unknown key, did you mean path\?/,
    ],
    [
      target("  pull: { path: '/{channel}', subscribe: x }\n"),
      /pull\.subscribe: unknown key.*; expected one of path, headers, empty, first, cursor$/,
    ],
    [
      target("  pull: { path: '/{channel}', __proto__: { x: 1 } }\n"),
      /pull\.__proto__: unknown key/,
    ],
    [target('  __proto__: { path: /x }\n'), /target\.__proto__: unknown key/],
    [target('  pull:\n'), /^x\.yaml:4:8 target\.pull: no value; expected a map with a path$/],
    [target('  pull: /x\n'), /^x\.yaml:4:9 target\.pull: "\/x" is not a map/],
    [target('  pull: {}\n'), /^x\.yaml:4:9 target\.pull\.path: no value; expected a path/],
    [
      target("  pull: { path: 'x/{channel}' }\n"),
      /^x\.yaml:4:17 target\.pull\.path: .* does not begin with a \//,
    ],
    [target("  pull: { path: '/a b/{channel}' }\n"), /not percent-encoded/],
    [target("  pull: { path: '/{channel}#x' }\n"), /has a fragment/],
    [
      target("  pull: { path: '/{chanel}' }\n"),
      /has the unknown blank \{chanel\}, did you mean \{channel\}\?/,
    ],
    [target("  pull: { path: '/{channel}/{data}' }\n"), /has the unknown blank \{data\}; expected/],
    [
      target("  pull: { path: '/{channel}', empty: [200, 99] }\n"),
      /^x\.yaml:4:44 target\.pull\.empty\[1\]: 99 is not a status/,
    ],
    [target("  pull: { path: '/{channel}', empty: '304' }\n"), /"304" is not a status/],
    [
      target("  pull: { path: '/{channel}', first: hold }\n"),
      /"hold" is not known, did you mean held\?/,
    ],
    [
      target("  pull: { path: '/{channel}', cursor: {from: header A, to: header B} }\n"),
      /a map is not a list/,
    ],
    [
      target("  pull: { path: '/{channel}', cursor: [{from: hedr A, to: header B}] }\n"),
      /^x\.yaml:4:\d+ target\.pull\.cursor\[0\]\.from: .* says neither header nor field/,
    ],
    [
      target("  pull: { path: '/{channel}', cursor: [{from: header A}] }\n"),
      /cursor\[0\]\.to: no value; expected header NAME or query NAME/,
    ],
    [
      target("  pull: { path: '/{channel}', cursor: [{from: field a, to: header Host}] }\n"),
      /is a header of rtbench/,
    ],
    [
      target("  pull: { path: '/{channel}', cursor: [{from: 'field \"', to: query a}] }\n"),
      /names no field/,
    ],
    [
      target("  pull: { path: '/{channel}', cursor: [{from: field a, to: 'query a=b'}] }\n"),
      /names no parameter/,
    ],
    [
      target("  pull: { path: '/{channel}', headers: { Host: x } }\n"),
      /^x\.yaml:4:48 target\.pull\.headers\.Host: "Host" is a header that rtbench sets itself/,
    ],
    [
      target("  pull: { path: '/{channel}', headers: { Sec-WebSocket-Key: x } }\n"),
      /is a header that rtbench sets itself/,
    ],
    [
      target("  pull: { path: '/{channel}', headers: { 'A b': x } }\n"),
      /headers\."A b": "A b" is no name of a header/,
    ],
    [
      target('  pull: { path: "/{channel}", headers: { A: "x\\r\\nB: y" } }\n'),
      /has a line break in its value/,
    ],
    [
      target('  pull: { path: "/{channel}", headers: { A: "\\u20ac" } }\n'),
      /has a value that no header can/,
    ],
    [target("  pull: { path: '/{channel}', headers: { A: x, a: y } }\n"), /"a" is given twice/],
    [
      target("  pull: { path: '/{channel}', headers: { A: 5 } }\n"),
      /headers\.A: a value that is no text; expected a text in quotes/,
    ],
    [
      target("  pull: { path: '/{channel}', headers: { A: '***' } }\n"),
      /"A" has a secret that rtbench starred; write it out; expected a header/,
    ],
    [
      target(PULL, "{ path: '/p?token=***' }"),
      /publish\.path: "\/p\?token=\*\*\*" has a secret that rtbench starred; /,
    ],
    [
      target(PULL, `{ path: /p, body: '{"key":"***","d":"{data}"}' }`),
      /publish\.body: .* has a secret that rtbench starred; /,
    ],
    [
      target(PULL, `{ path: /p, body: '{"u":"http://***@h/{channel}","d":"{data}"}' }`),
      /publish\.body: .* has a secret that rtbench starred; /,
    ],
    [
      target("  pull: { path: '/{channel}', path: '/y' }\n"),
      /^x\.yaml:4:31 target\.pull\.path: given twice, first in line 4/,
    ],
    [
      target(PULL, "{ path: '/{channel}', body: x }"),
      /^x\.yaml:3:\d+ target\.publish\.body: no \{data\} in what is published/,
    ],
    [
      target(PULL, "{ path: '/{channel}', method: GET }"),
      /"GET" is not known; expected POST or PUT or PATCH/,
    ],
    [
      target(PULL, "{ path: '/{channel}', accepted: [] }"),
      /^x\.yaml:3:44 target\.publish\.accepted: an empty list; expected statuses such as/,
    ],
    [
      target(
        "  pull: { path: '/{channel}', cursor: [{from: field a, to: header A}, {from: field b, to: header a}] }\n",
      ),
      /^x\.yaml:4:91 target\.pull\.cursor\[1\]\.to: "header a" is given twice; expected/,
    ],
    [
      target('  push: { path: \'/{channel}\', resume: \'{"after":"{id}"}\' }\n'),
      /^x\.yaml:4:39 target\.push\.resume: \{id\} in what resumes.*; expected ids, such as \[id\]$/,
    ],
    [
      target(PULL, "{ path: '/{channel}', connections: 0 }"),
      /0 is no such count; expected a whole number from 1 to 256/,
    ],
    [
      `engine: library\n${target(PULL)}`,
      /^x\.yaml:1:9 engine: library speaks to the reference server only/,
    ],
    [target(''), /^x\.yaml:3:3 target: no transport is described; expected some of pull, push$/],
    [
      target(PULL).replace(/^url.*\n/, ''),
      /target: describes a server, and no url says where it is/,
    ],
    [
      `transport: [pull, push]\n${target(PULL)}`,
      /^x\.yaml:1:19 transport\[1\]: "push" is not described by target; expected some of pull$/,
    ],
    [
      'url: http://127.0.0.1\ntarget: { pull: { path: "/{channel}" } }',
      /target: does not say how to publish; expected publish in it, or rate 0/,
    ],
    [
      target('  pull: { path: /x }\n'),
      /^x\.yaml:4:9 target\.pull: never says \{channel\}.*channels: broadcast$/,
    ],
    [target(PULL, '{ path: /x }'), /^x\.yaml:3:12 target\.publish: never says \{channel\}/],
    [
      'target: somewhere',
      /^x\.yaml:1:9 target: "somewhere" is not a map; expected a map in a scenario file/,
    ],
    ['target: [pull]', /target: a list is not a map/],
  ]
  for (const [text, line] of refused) {
    it(`is refused: ${text.split('\n').at(text.startsWith('url') ? 3 : 0) || text}`, () => {
      const lines = linesOf(text)
      assert.ok(
        lines.some((one) => line.test(one)),
        lines.join('\n'),
      )
    })
  }

  it('has one line for a transport that is misspelt', () => {
    assert.equal(linesOf(target("  pul: { path: '/{channel}' }\n")).length, 1)
  })

  it('has its secrets in no refusal', () => {
    for (const text of [
      target("  pull: { path: '/{channel}', headers: 'Cookie: s3cret' }\n"),
      target("  pull: { path: '/{channel}', headers: { A: [s3cret], B: 53, 'C D': s3cret } }\n"),
      target(PULL, "{ path: 'p?token=s3cret' }"),
      target(PULL, `{ path: /p, body: '{"key":"s3cret","x":"{chanel}"}' }`),
      target(PULL, '{ path: /p, headers: { A: "s3cret\\n" } }'),
    ]) {
      const lines = linesOf(text)
      assert.ok(lines.length > 0, text)
      assert.doesNotMatch(lines.join('\n'), /s3cret|53/)
    }
  })

  it('is nothing that a variable could say', () => {
    assert.deepEqual(linesOf(target(PULL), { RTBENCH_TARGET: 'http://x' }).slice(0, 1), [
      'RTBENCH_TARGET: "http://x" is not a map; expected a map in a scenario file, of publish and some of pull, push',
    ])
  })
})
