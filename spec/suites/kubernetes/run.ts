// Loads in a cluster, without one: `npm run kubernetes`. The manifests of `stubless bench --kubernetes` are read by Kubernetes' own
// code (strict decoding, the API server's checks, the standard "restricted") and by kubectl; the Dockerfile is linted and
// followed; and Jobs are played: Kubernetes' Job controller says which pods run, and they run in namespaces of the kernel.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildImage, type Image } from './image.ts';
import { Kubectl } from './kubectl.ts';
import { checkLine, LINES } from './manifests.ts';
import { ClusterNode, whyNoNode } from './node.ts';
import { fenced, killed, lost, type Stage, whole } from './play.ts';

const { values } = parseArgs({ options: { stage: { type: 'string' } } });
/** A Job that does not come to its end is a failure, and not the end of this suite. */
const MOST_MS = 240_000;

const tally = { passed: 0, failed: 0 };

async function tried(name: string, run: () => unknown): Promise<void> {
  try {
    await run();
    tally.passed++;
    console.log(`ok   ${name}`);
  } catch (error) {
    tally.failed++;
    const text = error instanceof Error ? error.message : String(error);
    console.log(`FAIL ${name}\n${text.replace(/^/gm, '       ')}`);
  }
}

const cliOf = ({ local }: Image): string => join(local, 'lib', 'node_modules', 'stubless', 'dist', 'cli.cjs');

async function checkManifests(image: Image): Promise<void> {
  const kubectl = await Kubectl.start();
  try {
    for (const line of LINES)
      await tried(`manifest: ${line.name}`, () => checkLine(line, cliOf(image), kubectl));
  } finally {
    kubectl.close();
  }
}

async function playJobs(stage: Stage): Promise<void> {
  ClusterNode.setUp();
  await tried('job: the container is fenced', () => fenced(stage));
  await tried('job: every call of the plan is made once', () => whole(stage));
  await tried('job: a pod is killed in the middle', () => killed(stage));
  await tried('job: a pod is lost before the start', () => lost(stage));
}

function lint(): void {
  const hadolint = join('.cache', 'kubernetes', 'hadolint', 'hadolint');
  const { status, stdout, stderr, error } = spawnSync(hadolint, ['Dockerfile'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(error?.message ?? `${stdout}${stderr}`);
}

/** Again, where nobody else's network and mounts are. */
function inside(stage: Stage): void {
  const why = whyNoNode();
  if (why !== undefined) {
    console.log(`skip jobs: no namespaces may be made here (${why})`);
    return;
  }
  const again = [process.execPath, fileURLToPath(import.meta.url), '--stage', JSON.stringify(stage)];
  const { stdout, stderr } = spawnSync('unshare', ['-n', '-m', ...again], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    timeout: MOST_MS,
    killSignal: 'SIGKILL',
  });
  process.stdout.write(stdout.replace(/^\d+ passed.*\n/m, ''));
  process.stderr.write(stderr);
  const counts = /^(\d+) passed, (\d+) failed/m.exec(stdout);
  tally.passed += Number(counts?.[1] ?? 0);
  tally.failed += counts === null ? 1 : Number(counts[2]);
}

async function all(): Promise<void> {
  const install = join('spec', 'suites', 'kubernetes', 'install.sh');
  // What is not installed fails each of its cases below.
  spawnSync(install, ['kubectl', 'hadolint', 'manifest'], { stdio: 'inherit' });
  const folder = mkdtempSync(join(tmpdir(), 'stubless-kubernetes-'));
  try {
    await tried('Dockerfile: hadolint', lint);
    let image: Image | undefined;
    await tried('Dockerfile: its steps', () => {
      image = buildImage(join(folder, 'image'));
    });
    if (image === undefined) return;
    await checkManifests(image);
    inside({ folder, image, cli: cliOf(image) });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (values.stage === undefined) await all();
else await playJobs(JSON.parse(values.stage) as Stage);
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exitCode = tally.failed === 0 ? 0 : 1;
