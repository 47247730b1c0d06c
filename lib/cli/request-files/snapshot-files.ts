// Files of snapshots: beside the file of requests, YAML with an entry for each request that has one.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { SourceFile } from '../../requests/file/source-file.ts';
import type { PlannedRequest } from '../../requests/run/plan.ts';
import type { FreshSnapshot } from '../../requests/run/run-requests.ts';
import { renewedSnapshot, type SnapshotFile } from '../../requests/run/snapshot.ts';
import type { Secrets } from '../../requests/secrets.ts';
import { messageOf } from '../../values/realm.ts';
import { likeLinesOf, parseYamlDocument } from '../client/yaml-text.ts';
import { writing } from '../command/failure.ts';
import type { Io } from '../command/io.ts';
import { notice } from '../command/notice.ts';
import { boundedText } from './read-file.ts';
import { yamlTree } from './yaml-tree.ts';

const HEAD =
  '# What came of requests once: patterns, which may be edited. Written by stubless test --update.\n';

const REQUESTS = '.requests.yaml';
const SNAPSHOTS = '.snapshots.yaml';

/**
 * `hello.requests.yaml` has `hello.snapshots.yaml`. Any other name stays whole, as `hello.requests.json` and `hello.yaml`
 * may stand beside it.
 */
const snapshotPath = (file: string): string =>
  `${file.endsWith(REQUESTS) ? file.slice(0, -REQUESTS.length) : file}${SNAPSHOTS}`;

export const isSnapshotFile = (path: string): boolean => path.endsWith(SNAPSHOTS);

export function readSnapshots(file: string): SnapshotFile | undefined {
  const path = snapshotPath(file);
  if (!existsSync(path)) return undefined;
  let text: string;
  try {
    text = boundedText(path, path);
  } catch (error) {
    const unread = new SourceFile(path, '');
    unread.wrong(0, messageOf(error));
    return { source: unread, entries: new Map() };
  }
  // As none: --update writes it.
  if (text.split('\n').every((line) => /^\s*(?:#|$)/.test(line))) return undefined;
  const source = new SourceFile(path, text);
  const tree = yamlTree(source);
  if (tree !== undefined && tree.kind !== 'map') source.wrong(tree.at, 'snapshots are a mapping of requests');
  const entries = tree?.kind === 'map' ? tree.entries : [];
  return { source, entries: new Map(entries.map(({ key, value }) => [key, value])) };
}

/** Collects what is to be written, and writes each file once. */
export class SnapshotWriter {
  readonly #fresh = new Map<string, Map<string, FreshSnapshot>>();

  add({ name, files }: PlannedRequest, fresh: FreshSnapshot): void {
    const path = snapshotPath(files.source.path);
    const ofFile = this.#fresh.get(path) ?? new Map<string, FreshSnapshot>();
    this.#fresh.set(path, ofFile.set(name, fresh));
  }

  async write(secrets: Secrets, io: Io): Promise<void> {
    for (const [path, entries] of this.#fresh) {
      // Numbers beyond 2^53 that stand in the file already are to stay what they are.
      const written = existsSync(path) ? readFileSync(path, 'utf8') : HEAD;
      const document = parseYamlDocument(written, {
        intAsBigInt: true,
        uniqueKeys: false,
      });
      document.contents ??= document.createNode({}) as NonNullable<typeof document.contents>;
      const before = (document.toJS() ?? {}) as Record<string, unknown>;
      for (const [name, { value, failed }] of entries) {
        const old = Object.hasOwn(before, name) ? before[name] : undefined;
        const renewed = old === undefined ? value : renewedSnapshot(old, value, failed);
        document.setIn([name], document.createNode(maskedSnapshot(renewed, secrets)));
      }
      const text = likeLinesOf(written, document.toString({ lineWidth: 0 }));
      await writing(path, () => writeFileSync(path, text));
      const count = `${entries.size} ${entries.size === 1 ? 'snapshot' : 'snapshots'}`;
      notice(io, `wrote ${count} to ${path}`);
    }
  }
}

/**
 * A secret that a server sent back is the variable that it came from. One that was captured is another one each time: that
 * there is one is what is kept.
 */
export function maskedSnapshot(value: unknown, secrets: Secrets): unknown {
  if (typeof value === 'string') return secrets.hasCaptured(value) ? ANY_VALUE : secrets.masked(value);
  if (typeof value === 'number' || typeof value === 'bigint') {
    const text = maskedSnapshot(String(value), secrets);
    return text === String(value) ? value : text;
  }
  if (Array.isArray(value)) return value.map((item) => maskedSnapshot(item, secrets));
  if (typeof value !== 'object' || value === null) return value;
  if (Object.keys(value).some((key) => secrets.hasCaptured(key))) return ANY_VALUE;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [secrets.masked(key), maskedSnapshot(item, secrets)]),
  );
}

const ANY_VALUE = { $present: true };
