// Lines of a result as they are written: what they hold, and what happens when they cannot be.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type LoadFacts, machineHere, ResultWriter } from '../../../../lib/cli/bench/report/result-writer.ts';
import { mergeResults } from '../../../../lib/cli/bench/result/merge-results.ts';
import type { Io } from '../../../../lib/cli/command/io.ts';
import { call, measured, PLAN, readLog, runsOf, START_MS } from '../result/made-up-results.ts';

const FACTS: LoadFacts = {
  clock: { readyAtMs: START_MS, startedAtMs: START_MS, steppedMs: 0, server: null },
  measuredMs: 1000,
  cpuMs: 10,
  connections: 1,
  threads: { count: 1, lost: [] },
};

/** A command that knows no secrets. */
const PLAIN = { out: { masked: (text: string) => text } } as unknown as Io;

describe('the lines of a result', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'stubless-result-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const of = (calls: number) => measured(Array.from({ length: calls }, () => call())).takeDocument();

  it('hold what came since the one before, in place of what the file held', async () => {
    const path = join(folder, 'result.json');
    writeFileSync(path, 'from before\n');
    const writer = await ResultWriter.open(path, { index: 1, of: 2 }, START_MS, machineHere(2), PLAIN);
    writer.plan = PLAN;
    expect(readFileSync(path, 'utf8')).to.equal('from before\n');
    writer.add(of(2));
    writer.add(of(1));
    await writer.write('running', FACTS);
    await writer.write('running', FACTS);
    writer.add(of(4));
    await writer.write('finished', { ...FACTS, measuredMs: 2000 });
    await writer.close();
    const { lines, problems } = await readLog([readFileSync(path)], 'result.json');
    expect(problems).to.deep.equal([]);
    expect(
      lines.map(({ document }) => [document.line, document.state, document.measured.begun]),
    ).to.deep.equal([
      [0, 'running', 3],
      [1, 'running', 0],
      [2, 'finished', 4],
    ]);
    expect(lines[0].document.shard).to.deep.equal({ index: 2, of: 2 });
    expect(mergeResults(runsOf(lines), [], START_MS + 9000)?.run).to.include({
      elapsedMs: 2000,
      isCutOff: false,
    });
  });

  it('hold what an earlier one should have held that could not be written', async () => {
    const written: string[] = [];
    let isFull = false;
    const out = {
      write(text: string) {
        // The half of a line that a full disk takes.
        written.push(isFull ? text.slice(0, 40) : text);
        if (isFull) throw new Error('no space left');
      },
    };
    const io = { out: { ...PLAIN.out, ...out } } as Io;
    const writer = await ResultWriter.open('-', { index: 0, of: 1 }, undefined, machineHere(2), io);
    writer.plan = PLAN;
    writer.add(of(2));
    await writer.write('running', FACTS);
    isFull = true;
    writer.add(of(3));
    const error = await writer.write('running', FACTS).catch((thrown: unknown) => thrown);
    expect(error).to.be.an('error').with.property('message', 'no space left');
    isFull = false;
    await writer.write('finished', FACTS);
    const { lines, problems } = await readLog([written.join('')], 'log');
    expect(problems).to.deep.equal(['log, line 2: a result that is cut short or garbled; left out']);
    const notes: string[] = [];
    expect(mergeResults(runsOf(lines), notes, START_MS + 9000)?.run.measurements.begun).to.equal(5);
    expect(notes).to.deep.equal([]);
  });
});
