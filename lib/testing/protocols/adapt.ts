// Which adapter stands below an exchange whose client speaks another protocol than gRPC. Loaded when the first such client
// comes.

import type { AdaptedStream } from './adapted-stream.ts';
import type { CallForm } from './call-form.ts';
import { ConnectStream } from './connect-stream.ts';
import { ConnectUnary } from './connect-unary.ts';
import { GrpcWebStream } from './grpc-web-stream.ts';
import type { ServerStream } from './server-stream.ts';

/** @param maxOctets the largest request that is taken */
export function adapt(stream: ServerStream, form: CallForm, maxOctets: number): AdaptedStream {
  if (form.protocol === 'grpc-web') return new GrpcWebStream(stream, form);
  return form.isUnary ? new ConnectUnary(stream, form, maxOctets) : new ConnectStream(stream, form);
}
