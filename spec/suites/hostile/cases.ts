// All groups of the hostile server suite, in the order in which they run.

import { CLOSE_CASES } from './cases/close-cases.ts';
import { COMPRESSION_CASES } from './cases/compression-cases.ts';
import { CONNECT_CASES } from './cases/connect-cases.ts';
import { CONNECTION_CASES } from './cases/connection-cases.ts';
import { FLOOD_CASES } from './cases/flood-cases.ts';
import { FLOW_CASES } from './cases/flow-cases.ts';
import { FRAME_CASES } from './cases/frame-cases.ts';
import { GO_AWAY_CASES } from './cases/go-away-cases.ts';
import { GRPC_WEB_CASES } from './cases/grpc-web-cases.ts';
import { HEADER_CASES } from './cases/header-cases.ts';
import { HPACK_CASES } from './cases/hpack-cases.ts';
import { HTTP_STATUS_CASES } from './cases/http-status-cases.ts';
import { HTTP1_BODY_CASES } from './cases/http1-body-cases.ts';
import { HTTP1_CONNECTION_CASES } from './cases/http1-connection-cases.ts';
import { HTTP1_FRAMING_CASES } from './cases/http1-framing-cases.ts';
import { HTTP1_HEAD_CASES } from './cases/http1-head-cases.ts';
import { KEEPALIVE_CASES } from './cases/keepalive-cases.ts';
import { MESSAGE_CASES } from './cases/message-cases.ts';
import { PROXY_CASES } from './cases/proxy-cases.ts';
import { RESET_CASES } from './cases/reset-cases.ts';
import { SETTINGS_CASES } from './cases/settings-cases.ts';
import { SILENCE_CASES } from './cases/silence-cases.ts';
import { STATUS_CASES } from './cases/status-cases.ts';
import { TLS_CASES } from './cases/tls-cases.ts';
import type { HostileGroup } from './hostile-case.ts';

const HTTP1_CASES: HostileGroup = {
  name: 'HTTP/1.1',
  cases: [...HTTP1_FRAMING_CASES, ...HTTP1_HEAD_CASES, ...HTTP1_BODY_CASES, ...HTTP1_CONNECTION_CASES],
};

export const HOSTILE_GROUPS: readonly HostileGroup[] = [
  CONNECTION_CASES,
  TLS_CASES,
  PROXY_CASES,
  SETTINGS_CASES,
  FRAME_CASES,
  HPACK_CASES,
  HEADER_CASES,
  HTTP_STATUS_CASES,
  STATUS_CASES,
  MESSAGE_CASES,
  COMPRESSION_CASES,
  RESET_CASES,
  GO_AWAY_CASES,
  FLOW_CASES,
  SILENCE_CASES,
  CLOSE_CASES,
  KEEPALIVE_CASES,
  GRPC_WEB_CASES,
  CONNECT_CASES,
  HTTP1_CASES,
  FLOOD_CASES,
];
