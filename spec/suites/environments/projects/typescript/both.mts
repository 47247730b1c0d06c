// A class is the same type on both ways in.
import type { Client, RpcError, Stream } from 'stubless';
import type { Api } from './api.js';
import { clientOfCommonJs, codeOf, type StreamOfCommonJs } from './required.cjs';

declare const stream: Stream<{ zone?: string }, { zone: string }>;
declare const error: RpcError;

export const same: Client<Api> = clientOfCommonJs;
export const other: StreamOfCommonJs = stream;
export const code: number | undefined = codeOf(error);
