// All oracles, in the order in which they are asked.

import { endsAsAnswered } from './answers.ts';
import { dialsWhenWanted, dialsWithBackoff } from './dials.ts';
import { contextsStayApart, identitiesHold } from './identity.ts';
import { nothingIsLeft, quietIsEmpty, tellsServers } from './leftovers.ts';
import { findsServersAgain, movesOn, triesBeforeItFails, wakesWaiting } from './liveness.ts';
import { atMostOnce, noneLost } from './once.ts';
import type { Oracle } from './oracle.ts';
import { keepsToHttp2, nothingEscapes, repliesBelong } from './sanity.ts';
import { settlesInTime } from './settles.ts';
import { findsDeadPeers, sparesTheLiving } from './silence.ts';

export const ORACLES: readonly Oracle[] = [
  nothingEscapes,
  keepsToHttp2,
  repliesBelong,
  atMostOnce,
  noneLost,
  endsAsAnswered,
  contextsStayApart,
  identitiesHold,
  settlesInTime,
  findsServersAgain,
  triesBeforeItFails,
  wakesWaiting,
  movesOn,
  findsDeadPeers,
  sparesTheLiving,
  dialsWithBackoff,
  dialsWhenWanted,
  quietIsEmpty,
  tellsServers,
  nothingIsLeft,
];
