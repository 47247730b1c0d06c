// The specs' own sources: none sleeps in the hope that something has happened by then, and each asserts something.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';

/** What waits for time to pass, and not for what should come of it. */
const SLEEPS: readonly RegExp[] = [
  // new Promise((resolve) => setTimeout(resolve, 50))
  /new Promise\b[^\n]*=>\s*(?:void )?setTimeout\(\s*\w+,/g,
  // await delay(50), whatever it is called
  /import [^;]*\bsetTimeout\b[^;]*from 'node:timers\/promises'/g,
  /\bAtomics\.wait\(/g,
  // A script of the hostile server.
  /\bpeer\.pause\(/g,
  // A script of a shell.
  /\bsleep [\d.]/g,
  /while \(performance\.now\(\) < \w+\);/g,
];

interface Exception {
  readonly count: number;
  readonly why: string;
}

const NEEDED: Readonly<Record<string, Exception>> = {
  'channel/connection/dead-peers.spec.ts': {
    count: 1,
    why: 'output is stuck when none of it leaves for a while, on real sockets that the kernel buffers',
  },
  'channel/connection/keepalive.spec.ts': { count: 2, why: 'PINGs stay unanswered, and nothing comes of it' },
  'cli/bench/load/generator.spec.ts': {
    count: 1,
    why: 'each call takes as long as the timer that must not have been set',
  },
  'cli/bench/start/start-gate.spec.ts': { count: 1, why: 'a timer of 1 ms must not have been set' },
  'cli/command/time-limit.spec.ts': { count: 1, why: 'the schema takes a while, which errors are to say' },
  'client/closing/closing.spec.ts': { count: 1, why: 'another process must never take a connection' },
  'channel/connection/connection-info.spec.ts': {
    count: 1,
    why: 'a process of its own waits for the garbage collector',
  },
};

/** What fails by itself where something is not as it should be: chai, and what the specs share. */
const ASSERTS =
  /\b(?:expect|assert)\w*[.(]|\bfc\.assert\(|\bterminal\.see\(|\brejection\(|\bthrownBy\(|\bconverse\(/;

const specs = readdirSync('spec', { recursive: true, encoding: 'utf8' })
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => name.endsWith('.spec.ts') && name !== 'spec-sources.spec.ts')
  .map((name) => ({ name, text: readFileSync(join('spec', name), 'utf8') }));

function sleepsIn(text: string): number {
  return SLEEPS.reduce((sum, sleep) => sum + (text.match(sleep)?.length ?? 0), 0);
}

/** Functions of a file that assert something: whoever calls them does. The formatter's indentation says where they end. */
function assertingFunctions(text: string): readonly string[] {
  const heads = text.matchAll(/^( *)(?:async )?(?:function |const )(\w+)\b[^\n]*[({[>]\n/gm);
  return Array.from(heads)
    .filter(({ 1: indent, index }) => {
      const rest = text.slice(index);
      const body = new RegExp(`[\\s\\S]*?^${indent}[})\\]]`, 'm').exec(rest)?.[0] ?? '';
      return ASSERTS.test(body) && !/^ *it\(/m.test(body);
    })
    .map(([, , name]) => name);
}

/** The first lines of those `it` that assert nothing. */
function silentSpecs(text: string): readonly string[] {
  const names = assertingFunctions(text);
  const calls = new RegExp(`\\b(?:${['nothing', ...names].join('|')})\\(`);
  return Array.from(text.matchAll(/^( *)it\([^\n]*\n(?:[\s\S]*?^\1\}|[\s\S]*?^\1\))/gm), ([body]) => body)
    .filter((body) => !ASSERTS.test(body) && !calls.test(body))
    .map((body) => body.trim().split('\n')[0]);
}

describe('The sources of the specs', () => {
  it('sleep nowhere but where there is a reason', () => {
    const found = specs
      .map(({ name, text }) => [name, sleepsIn(text)] as const)
      .filter(([, count]) => count > 0);
    const allowed = Object.entries(NEEDED).map(([name, { count }]) => [name, count] as const);
    expect(Object.fromEntries(found)).to.deep.equal(Object.fromEntries(allowed));
  });

  it('assert something in each spec', () => {
    const silent = specs.flatMap(({ name, text }) => silentSpecs(text).map((line) => `${name}: ${line}`));
    expect(silent).to.deep.equal([]);
  });

  const sleeping = [
    'await new Promise((resolve) => setTimeout(resolve, 50));',
    'await new Promise<void>((done) => void setTimeout(done, 50));',
    "import { setTimeout as delay } from 'node:timers/promises';",
    'Atomics.wait(NOBODY, 0, 0, ms);',
    'await peer.pause(20);',
    "spawn('sh', ['-c', 'sleep 0.1; echo a']);",
    'while (performance.now() < endMs);',
  ];
  for (const line of sleeping) {
    it(`count as sleeping with ${line}`, () => expect(sleepsIn(line)).to.equal(1));
  }

  it('count as silent where nothing is asserted, by themselves or by what they call', () => {
    const text = [
      'async function checked() {',
      '  expect(1).to.equal(1);',
      '}',
      "it('a', async () => {",
      '  await call();',
      '});',
      "it('b', async () => {",
      '  await checked();',
      '});',
      "it('c', () => {",
      '  expect(2).to.equal(2);',
      '});',
      '',
    ].join('\n');
    expect(silentSpecs(text)).to.deep.equal(["it('a', async () => {"]);
  });
});
