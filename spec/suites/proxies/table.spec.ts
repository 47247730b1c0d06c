import { expect } from 'chai';
import type { Outcome } from './clients/orders.ts';
import { tableOf } from './table.ts';

function outcome(calls: number, streams: number): Outcome {
  const tally = (lost: number) => ({ answered: 0, lost: { 'UNAVAILABLE: a': lost } });
  return { calls: tally(calls), streams: tally(streams), connections: 1201, wallMs: 1, probes: [] };
}

describe('the table of real peers', () => {
  it('tells lost calls and streams, and connections, of each client', () => {
    const table = tableOf(
      [
        {
          ...{ peer: 'go', event: 'SIGKILL', graceful: 'nothing' },
          outcomes: { stubless: outcome(0, 0), 'grpc-js': outcome(1600, 75), 'grpc-go': 'stuck' },
        },
        {
          peer: 'envoy',
          event: 'drain',
          graceful: 'calls and streams',
          outcomes: { 'grpc-js': outcome(0, 2) },
        },
      ],
      ['stubless', 'grpc-js', 'grpc-go'],
    );
    expect(table.split('\n')).to.deep.equal([
      '| peer | what happens | stubless | grpc-js | grpc-go | connections of each |',
      '| --- | --- | --- | --- | --- | --- |',
      '| grpc-go | SIGKILL \\* | 0 | 1,600 + 75 | no end | 1,201 / 1,201 / – |',
      '| Envoy | drain | – | 0 + 2 | – | – / 1,201 / – |',
    ]);
  });
});
