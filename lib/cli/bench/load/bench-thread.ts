// What runs in a thread of `bench --threads`: one part of the load, as it is told over the port. scripts/bundle.js makes a
// file of it that lies beside the command's, as it does here.

import { parentPort, workerData } from 'node:worker_threads';
import { useOptionWords } from '../../../values/options/option-words.ts';
import { messageOf } from '../../../values/realm.ts';
import { COMMAND_LINE_WORDS } from '../../command/command-line-words.ts';
import { type PartNews, type PartOrder, runPart } from './load-part.ts';
import { type ThreadSetup, threadLoad } from './part-setup.ts';

const port = parentPort;
if (port !== null) {
  useOptionWords(COMMAND_LINE_WORDS);
  const tell = (news: PartNews): void => port.postMessage(news);
  const early: PartOrder[] = [];
  let take = (order: PartOrder): void => {
    early.push(order);
  };
  port.on('message', (order: PartOrder) => take(order));
  threadLoad(workerData as ThreadSetup).then(
    (part) => {
      take = runPart(part, tell);
      for (const order of early) take(order);
    },
    (error: unknown) => tell({ kind: 'failed', reason: messageOf(error) }),
  );
}
