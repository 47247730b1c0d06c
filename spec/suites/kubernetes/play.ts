// Jobs that are played: Kubernetes' Job controller says which pods there are, their commands run in namespaces, and what they print
// is merged.

import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TestServer } from '../../../lib/testing/index.ts';
import { JobController, type JobEnd } from './controller.ts';
import type { Image } from './image.ts';
import { manifestOf } from './manifests.ts';
import { ClusterNode, NODE_ADDRESS, type Pod, type PodStart, SERVER_NAME } from './node.ts';

export interface Stage {
  readonly folder: string;
  readonly image: Image;
  readonly cli: string;
}

interface Played {
  readonly node: ClusterNode;
  readonly controller: JobController;
  readonly starts: readonly PodStart[];
  readonly server: TestServer;
  /** The names that were greeted. */
  readonly names: string[];
  /** Resolves when so many calls have come. */
  calls(wanted: number): Promise<void>;
}

const TOKEN = 'a-token-of-the-secret';
const REQUESTS = '{"name":"user {{n}}"}\n{"name":"$(HOSTNAME) {{n}}"}\n';

async function play<Result>(
  stage: Stage,
  name: string,
  pods: number,
  load: readonly string[],
  act: (played: Played) => Promise<Result>,
): Promise<Result> {
  const names: string[] = [];
  let onCall = (): void => {};
  const server = new TestServer('protos/helloworld.proto', {
    SayHello(
      { name: greeted }: { readonly name: string },
      call: { readonly metadata: { get(name: string): unknown } },
    ) {
      assert.equal(call.metadata.get('authorization'), `Bearer ${TOKEN}`);
      names.push(greeted);
      onCall();
      return { message: `Hello ${greeted}` };
    },
  });
  const { port } = await server.listen({ host: NODE_ADDRESS });
  const target = `${SERVER_NAME}:${port}`;
  const line = [
    target,
    'SayHello',
    '--plaintext',
    '--proto',
    'protos',
    '-d',
    '-',
    '--token',
    TOKEN,
    ...load,
    '--kubernetes',
    String(pods),
  ];
  const manifest = manifestOf(stage.cli, line, REQUESTS);
  assert.ok(!manifest.includes(TOKEN));
  const [manifestPath, secretsPath] = [
    join(stage.folder, `${name}.yaml`),
    join(stage.folder, `${name}.json`),
  ];
  writeFileSync(manifestPath, manifest);
  writeFileSync(
    secretsPath,
    JSON.stringify({ 'stubless-bench': { AUTHORIZATION: Buffer.from(TOKEN).toString('base64') } }),
  );
  const node = new ClusterNode(join(stage.folder, name), stage.image);
  const controller = new JobController(manifestPath, secretsPath);
  try {
    const starts = await controller.pods(pods);
    return await act({
      node,
      controller,
      starts,
      server,
      names,
      async calls(wanted) {
        while (names.length < wanted) {
          await new Promise<void>((resolve) => {
            onCall = resolve;
          });
        }
      },
    });
  } finally {
    controller.close();
    await node.close();
    await server.close();
  }
}

/** Pods in the order in which they get a node: the gate's comes last. */
function startAll({ node, starts, controller }: Pick<Played, 'node' | 'starts' | 'controller'>): Pod[] {
  return starts
    .toReversed()
    .map((start) => tellEnd(node.start(start), controller))
    .reverse();
}

function tellEnd(pod: Pod, controller: JobController): Pod {
  void pod.ended.then((status) => controller.ended(pod.start, status));
  return pod;
}

/** As `kubectl logs --prefix` gives them. */
const logsOf = (pods: readonly Pod[]): string =>
  pods
    .flatMap(({ start, log }) =>
      log()
        .split('\n')
        .filter(Boolean)
        .map((line) => `[pod/${start.name}/stubless] ${line}\n`),
    )
    .join('');

interface Merged {
  readonly status: number | null;
  readonly told: string;
  readonly report: {
    readonly calls: { readonly ok: number; readonly failed: number };
    readonly notes: readonly string[];
    readonly shards: { readonly missing: readonly number[] };
  };
}

function merge({ cli }: Stage, logs: string): Merged {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, 'bench', 'merge', '--json', '-'], {
    input: logs,
    encoding: 'utf8',
  });
  assert.ok(stdout.startsWith('{'), `${stderr}\n${logs}`);
  return { status, told: stderr, report: JSON.parse(stdout) as Merged['report'] };
}

/** All pods end well: every call of the plan is made once, whichever shard makes it. */
export function whole(stage: Stage): Promise<void> {
  return play(stage, 'whole', 3, ['-n', '120', '-c', '6'], async (played) => {
    const pods = startAll(played);
    const end = await played.controller.finished();
    for (const pod of pods) assert.equal(await pod.ended, 0, pod.log());
    assert.deepEqual(jobOf(end), {
      conditions: ['SuccessCriteriaMet: CompletionsReached', 'Complete: CompletionsReached'],
      failedIndexes: '',
      podsCreated: 3,
      podsDeleted: 0,
    });
    const { status, told, report } = merge(stage, logsOf(pods));
    assert.deepEqual(
      { status, told, ok: report.calls.ok, failed: report.calls.failed, missing: report.shards.missing },
      { status: 0, told: '', ok: 120, failed: 0, missing: [] },
    );
    const greeted = Array.from({ length: 120 }, (_, call) =>
      call % 2 === 0 ? `user ${call}` : `$(HOSTNAME) ${call}`,
    );
    assert.deepEqual(played.names.toSorted(), greeted.toSorted());
  });
}

/** A pod is killed in the middle: the others go on, it is not run again, and the report says what is missing. */
export function killed(stage: Stage): Promise<void> {
  return play(stage, 'killed', 4, ['--rps', '200', '-n', '1600', '--gate-timeout', '60s'], async (played) => {
    const pods = startAll(played);
    await played.calls(100);
    pods[2].kill();
    assert.equal(await pods[2].ended, 137);
    // As a cluster that knows no backoffLimitPerIndex would have it: the gate is over, and the shard is not done twice.
    const again = played.node.start({ ...played.starts[2], name: `${played.starts[2].name}-again` });
    assert.notEqual(await again.ended, 0);
    assert.match(again.log(), /shard 3\/4 (?:was not let through|cannot reach) the start gate/);
    const end = await played.controller.finished();
    assert.deepEqual(jobOf(end), {
      conditions: ['FailureTarget: FailedIndexes', 'Failed: FailedIndexes'],
      failedIndexes: '2',
      podsCreated: 4,
      podsDeleted: 0,
    });
    const others = pods.filter((_, index) => index !== 2);
    for (const pod of others) assert.equal(await pod.ended, 0, pod.log());
    const gone = merge(stage, logsOf(others));
    assert.equal(gone.status, 1);
    assert.deepEqual(gone.report.shards.missing, [3]);
    assert.match(gone.told, /shard 3\/4 is missing: what it did is not in this report/);
    // A quarter of the plan is missing, and nothing else.
    assert.equal(gone.report.calls.ok, 1200);
    const cut = merge(stage, logsOf([...pods, again]));
    assert.equal(cut.status, 1);
    assert.match(cut.told, /shard 3\/4 .* was cut off after .*: it was killed, or still runs/);
    assert.match(cut.told, /shard 3\/4 ran more than once/);
    assert.equal(cut.report.calls.ok, 1200);
  });
}

/** A pod ends before the start: the others do not wait for it, and do their parts. */
export function lost(stage: Stage): Promise<void> {
  return play(stage, 'lost', 3, ['-n', '90', '-c', '3'], async (played) => {
    const { controller, starts, node } = played;
    const [first, second, third] = starts;
    const pods = [tellEnd(node.start(first), controller)];
    // It cannot read its schema.
    pods.push(
      tellEnd(
        node.start({ ...second, files: { ...second.files, '/plan/schema.binpb': 'AAAA' } }),
        controller,
      ),
    );
    pods.push(tellEnd(node.start(third), controller));
    const end = await controller.finished();
    assert.equal(end.failedIndexes, '1');
    const { status, told, report } = merge(stage, logsOf(pods));
    assert.deepEqual({ status, ok: report.calls.ok }, { status: 1, ok: 60 });
    assert.match(told, /shard 2\/3 .* made no calls: /);
    assert.match(
      pods[0].log(),
      /the load begins without shard 2: not at the start gate in time, or gone again/,
    );
  });
}

/** The container is what the manifest says: nobody in particular, and nothing to write to. */
export function fenced(stage: Stage): Promise<void> {
  return play(stage, 'fenced', 1, ['-n', '1'], async ({ node, starts }) => {
    const look =
      'id -u; id -g; hostname; grep CapEff /proc/self/status; for f in /x /tmp/x /plan/x /usr/local/x; do touch $f && echo wrote $f; done; cat /plan/*.binpb | wc -c';
    const pod = node.start(starts[0], ['sh', '-c', look]);
    assert.equal(await pod.ended, 0, pod.log());
    const said = pod.log();
    assert.match(said, /^65532\n65532\n/);
    assert.match(said, /CapEff:\s0000000000000000/);
    assert.ok(!said.includes('wrote'), said);
    assert.equal(said.match(/Read-only file system/g)?.length, 4, said);
    const run = node.start(starts[0]);
    assert.equal(await run.ended, 0, run.log());
  });
}

const jobOf = ({ conditions, failedIndexes, podsCreated, podsDeleted }: JobEnd) => ({
  conditions,
  failedIndexes,
  podsCreated,
  podsDeleted,
});
