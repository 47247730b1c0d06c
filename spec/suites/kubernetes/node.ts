// A node of a cluster, as far as the kernel makes one: a bridge, and for each pod a network namespace on it with an address and
// names. It starts pods' commands as they are told by Kubernetes' Job controller, and tells how they ended.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Image } from './image.ts';

/** What the controller says of a pod (spec/suites/kubernetes/go/pods.go). */
export interface PodStart {
  readonly name: string;
  readonly index: string;
  readonly hostname: string;
  readonly subdomain: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Base64, by path. */
  readonly files: Readonly<Record<string, string>>;
  readonly readOnly: boolean;
  readonly nonRoot: boolean;
}

export interface Pod {
  readonly start: PodStart;
  readonly process: ChildProcess;
  /** What it has printed on both outputs, as its log has it. */
  readonly log: () => string;
  /** As the kernel does when memory is short, or a node is lost. */
  readonly kill: () => void;
  /** Its exit status; 128 and the signal for one that was killed. */
  readonly ended: Promise<number>;
}

export const NODE_ADDRESS = '10.244.0.1';
export const SERVER_NAME = 'greeter.default.svc.cluster.local';
const BRIDGE = 'cni0';
const MAX_PODS = 200;
const SIGKILL = 9;

/** Whether namespaces may be made here. Why not, otherwise. */
export function whyNoNode(): string | undefined {
  try {
    execFileSync(
      'unshare',
      [
        '-n',
        '-m',
        '-p',
        '-f',
        '-u',
        'sh',
        '-c',
        'mount -t tmpfs none /run && ip link add br0 type bridge && hostname x',
      ],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    return undefined;
  } catch (error) {
    return String((error as { stderr?: unknown }).stderr ?? error).trim();
  }
}

export class ClusterNode {
  readonly #folder: string;
  readonly #image: Image;
  readonly #pods: Pod[] = [];
  /** Of all nodes: the kernel takes its time to give up the name of a link. */
  static #made = 0;

  constructor(folder: string, image: Image) {
    this.#folder = folder;
    this.#image = image;
  }

  /** Makes the bridge, once, in network and mount namespaces that nobody else is in. */
  static setUp(): void {
    run('mount', '--make-rprivate', '/');
    run('mount', '-t', 'tmpfs', 'none', '/run');
    run('ip', 'link', 'set', 'lo', 'up');
    run('ip', 'link', 'add', BRIDGE, 'type', 'bridge');
    run('ip', 'addr', 'add', `${NODE_ADDRESS}/16`, 'dev', BRIDGE);
    run('ip', 'link', 'set', BRIDGE, 'up');
  }

  /** Runs a pod's command; `command` in its place, for a look around. */
  start(start: PodStart, command: readonly string[] = start.command): Pod {
    if (!start.readOnly || !start.nonRoot) throw new Error(`${start.name} may write, or be root`);
    const number = ++ClusterNode.#made;
    const [space, link] = [`pod${number}`, `veth${number}`];
    run('ip', 'netns', 'add', space);
    run('ip', 'link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', space);
    run('ip', 'link', 'set', link, 'master', BRIDGE, 'up');
    run('ip', '-n', space, 'addr', 'add', `${addressOf(start)}/16`, 'dev', 'eth0');
    run('ip', '-n', space, 'link', 'set', 'eth0', 'up');
    run('ip', '-n', space, 'link', 'set', 'lo', 'up');
    const pod = this.#spawn(space, start, command);
    this.#pods.push(pod);
    // An address is one pod's: whoever comes after it gets it only then.
    void pod.ended.then(() => run('ip', 'netns', 'del', space));
    return pod;
  }

  /** Ends what still runs. */
  async close(): Promise<void> {
    for (const { kill } of this.#pods) kill();
    await Promise.all(this.#pods.map(({ ended }) => ended));
  }

  #spawn(space: string, start: PodStart, command: readonly string[]): Pod {
    const folder = join(this.#folder, `${start.name}-${ClusterNode.#made}`);
    const volumes = join(folder, 'volumes');
    for (const [path, content] of Object.entries(start.files)) {
      const file = join(volumes, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, Buffer.from(content, 'base64'));
    }
    const root = join(folder, 'root');
    mkdirSync(root, { recursive: true });
    mkdirSync(volumes, { recursive: true });
    const hosts = join(folder, 'hosts');
    writeFileSync(hosts, hostsOf(start));
    const { user, local, env } = this.#image;
    const node = dirname(dirname(process.execPath));
    const script = resolve('spec', 'suites', 'kubernetes', 'pod.sh');
    const words = ['netns', 'exec', space, 'unshare', '-m', '-u', '-p', '-f', '--kill-child', script];
    const child = spawn(
      'ip',
      [...words, root, start.hostname, user, node, local, volumes, hosts, ...command],
      {
        env: {
          PATH: '/node/bin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
          HOME: '/',
          HOSTNAME: start.hostname,
          ...env,
          ...start.env,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let log = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        log += text;
      });
    }
    let isKilled = false;
    const kill = (): void => {
      isKilled = true;
      killInside(child);
    };
    // Of a container that was killed `unshare` gives a status of its own.
    const ended = once(child, 'close').then(([code]) =>
      isKilled ? 128 + SIGKILL : Number(code ?? 128 + SIGKILL),
    );
    return { start, process: child, log: () => log, kill, ended };
  }
}

/** `unshare` stays outside: what it has started is the container, whose end is also its own. */
function killInside({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  for (const child of readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean)) {
    process.kill(Number(child), 'SIGKILL');
  }
}

function hostsOf(start: PodStart): string {
  const lines = [`127.0.0.1 localhost`, `${NODE_ADDRESS} ${SERVER_NAME}`];
  // As the headless Service has DNS say it; of pods that are not there yet, too, since nobody listens at their addresses.
  for (let index = 0; index < MAX_PODS; index++) {
    const host = start.hostname.replace(/-\d+$/, `-${index}`);
    lines.push(`${address(index)} ${host}.${start.subdomain} ${host}`);
  }
  return `${lines.join('\n')}\n`;
}

const address = (index: number): string => `10.244.1.${index + 1}`;
const addressOf = ({ index }: PodStart): string => address(Number(index));

function run(command: string, ...args: readonly string[]): void {
  execFileSync(command, [...args], { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
}
