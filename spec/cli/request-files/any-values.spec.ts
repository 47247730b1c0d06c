// Values of Any, and details of errors, in files of requests: their types come from the server's reflection.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { TestServer } from '../../../lib/testing/index.ts';
import { runInProcess } from '../in-process.ts';

const SERVICE = `syntax = "proto3"; package boxes; import "google/protobuf/any.proto";
message Box { google.protobuf.Any any = 1; }
service Boxes { rpc Echo(Box) returns (Box); }`;
const OTHER = 'syntax = "proto3"; package other; message Ball { int64 size = 1; }';

describe('Values of Any in files of requests', () => {
  let server: TestServer;
  let folder = '';
  let target = '';
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'stubless-any-'));
    writeFileSync(join(folder, 'boxes.proto'), SERVICE);
    writeFileSync(join(folder, 'other.proto'), OTHER);
    server = new TestServer([join(folder, 'boxes.proto'), join(folder, 'other.proto')], {
      Echo: (box: object) =>
        'any' in box && box.any !== undefined ? box : { any: { '@type': 'other.Ball', size: 3 } },
    });
    target = `localhost:${(await server.listen()).port}`;
  });
  after(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const run = async (requests: string) => {
    const path = join(folder, 'a.requests.yaml');
    writeFileSync(path, `target: ${target}\nrequests:\n${requests}`);
    return runInProcess(['test', path]);
  };

  it('are sent, and compared by their types', async () => {
    const { stdout, stderr } = await run(`  - method: boxes.Boxes/Echo
    request: { any: { '@type': type.googleapis.com/other.Ball, size: 9007199254740993 } }
    expect: { reply: { any: { '@type': other.Ball, size: '9007199254740993' } } }
`);
    expect(stderr).to.equal('');
    expect(stdout).to.include('1 passed');
  });

  it('are compared where only the reply has them', async () => {
    const { stdout } = await run(`  - method: boxes.Boxes/Echo
    expect: { reply: { any: { '@type': other.Ball, size: 4 } } }
`);
    expect(stdout).to.include('expected 4\n        came     3');
  });

  it('are told of where nobody knows their type', async () => {
    const { stderr } = await run(
      "  - method: boxes.Boxes/Echo\n    request: { any: { '@type': other.Bal, size: 1 } }\n",
    );
    expect(stderr).to.include('a.requests.yaml:4:').and.include('other.Bal');
  });
});
