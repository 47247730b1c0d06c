// The services of a file, as `services` lists them, from the file's bytes and without decoding anything else of it.

import { cardinalityOf } from '../codec/method.ts';
import { qualify } from '../descriptors/names.ts';
import { FILE, SERVICE } from '../descriptors/source-path.ts';
import type { MethodInfo, ServiceInfo } from './loaded-method.ts';
import { OutlineReader, UnusualBytes } from './outline-reader.ts';

const NAME = 1;
/** Of MethodDescriptorProto. */
const METHOD = { inputType: 2, outputType: 3, clientStreaming: 5, serverStreaming: 6 } as const;

/** `file` is at the start of the file. */
export function servicesIn(file: OutlineReader, packageName: string): ServiceInfo[] {
  const services: ServiceInfo[] = [];
  while (file.next()) {
    if (file.number !== FILE.service) continue;
    const name = new OutlineReader(file.bytes, file.fieldStart, file.pos);
    name.next();
    const fullName = qualify(packageName, name.nameInside());
    const methods: MethodInfo[] = [];
    const inside = new OutlineReader(file.bytes, file.start, file.pos);
    while (inside.next()) {
      if (inside.number === SERVICE.method) methods.push(methodIn(inside, fullName));
    }
    services.push({ name: fullName.slice(fullName.lastIndexOf('.') + 1), fullName, methods });
  }
  return services;
}

function methodIn(field: OutlineReader, service: string): MethodInfo {
  const reader = new OutlineReader(field.bytes, field.start, field.pos);
  const names = ['', '', ''];
  let [isRequestStream, isReplyStream] = [false, false];
  while (reader.next()) {
    const { number } = reader;
    if (number >= NAME && number <= METHOD.outputType) {
      if (names[number - 1] !== '') throw new UnusualBytes();
      names[number - 1] = number === NAME ? reader.identifier() : reader.typeName();
    } else if (number === METHOD.clientStreaming) isRequestStream = reader.integer() !== 0;
    else if (number === METHOD.serverStreaming) isReplyStream = reader.integer() !== 0;
  }
  const [name, requestType, replyType] = names;
  if (names.includes('')) throw new UnusualBytes();
  return {
    name,
    fullName: `${service}.${name}`,
    path: `/${service}/${name}`,
    cardinality: cardinalityOf(isRequestStream, isReplyStream),
    requestType,
    replyType,
  };
}
