// Who stands below the adapter and must see the last fields of a response, which in these protocols are in its body or
// under other names: a load-balancing policy that goes by the servers' reports (gRFC A51).

import { expect } from 'chai';
import { type LoadReport, ReportedRequest } from '../../lib/channel/balancing/load-report.ts';
import { AdaptedCall, concat, frame, type ProtocolLabel } from '../support/adapted.ts';
import { PEER } from '../support/fake-transport.ts';

/** An OrcaLoadReport with `rps_fractional` 5. */
const REPORT = Buffer.concat([Buffer.of(0x31), Buffer.from(new Float64Array([5]).buffer)]).toString('base64');
const NAME = 'endpoint-load-metrics-bin';

/** What a policy is told of a call that is answered so. */
function reportsOf(
  label: ProtocolLabel,
  isStream: boolean,
  answer: (call: AdaptedCall) => void,
): LoadReport[] {
  const call = new AdaptedCall(label, { request: undefined, replies: isStream ? 'many' : 'one' });
  const reports: LoadReport[] = [];
  call.send(1);
  const reported = new ReportedRequest(call.request, (report) => reports.push(report));
  call.channel.requests.push(reported);
  reported.onOpen(call.stream, PEER);
  answer(call);
  call.end();
  expect(call.listener.outcome?.code).to.equal(0);
  return reports;
}

describe('Load reports', () => {
  it('come in the trailers frame of gRPC-Web', () => {
    const reports = reportsOf('gRPC-Web', false, (call) => {
      call.head();
      call.deliver(concat(frame(1), call.endFrame(`grpc-status: 0\r\n${NAME}: ${REPORT}\r\n`)));
    });
    expect(reports).to.have.lengthOf(1);
    expect(reports[0].rps).to.equal(5);
  });

  it('come in the end-of-stream message of Connect', () => {
    const reports = reportsOf('Connect', true, (call) => {
      call.head();
      call.deliver(call.endFrame(JSON.stringify({ metadata: { [NAME]: [REPORT] } })));
    });
    expect(reports.map(({ rps }) => rps)).to.deep.equal([5]);
  });

  it('come in the head of Connect’s plain calls', () => {
    const reports = reportsOf('Connect', false, (call) => {
      call.head([`trailer-${NAME}`, REPORT]);
      call.deliver(Buffer.from('a'));
    });
    expect(reports.map(({ rps }) => rps)).to.deep.equal([5]);
  });
});
