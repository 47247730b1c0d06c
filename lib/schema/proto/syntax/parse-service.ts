// Reads services and their methods.

import { CLOSE_BRACE, CLOSE_PAREN, OPEN_BRACE, OPEN_PAREN, SEMICOLON } from '../../text/token-stream.ts';
import type { MethodDraft, ServiceDraft } from './draft.ts';
import { isBuiltinType } from './parse-field.ts';
import { parseOptionStatement } from './parse-option.ts';
import type { ParseState } from './parse-state.ts';

export function parseService(state: ParseState): ServiceDraft {
  const { tokens, marks } = state;
  const { start } = tokens;
  tokens.expectWord('service');
  const nameStart = tokens.start;
  const service: ServiceDraft = { name: tokens.identifier("the service's name") };
  const mark = marks.add(service, start);
  marks.setName(mark, nameStart);
  marks.setHeadEnd(mark, tokens.start);
  tokens.expectSymbol(OPEN_BRACE);
  const methods: MethodDraft[] = [];
  while (!tokens.takeSymbol(CLOSE_BRACE)) {
    if (tokens.takeSymbol(SEMICOLON)) continue;
    if (tokens.isWord('option')) parseOptionStatement(state, service);
    else if (tokens.isWord('rpc')) methods.push(parseMethod(state));
    else throw tokens.expected("'rpc', 'option' or '}'");
  }
  marks.setEnd(mark, tokens.previousEnd);
  if (methods.length > 0) service.method = methods;
  return service;
}

function parseMethod(state: ParseState): MethodDraft {
  const { tokens, marks } = state;
  const { start } = tokens;
  tokens.expectWord('rpc');
  const nameStart = tokens.start;
  const name = tokens.identifier("the method's name");
  const input = parseMessageType(state);
  tokens.expectWord('returns');
  const output = parseMessageType(state);
  const method: MethodDraft = { name, inputType: input.typeName, outputType: output.typeName };
  if (input.isStream) method.clientStreaming = true;
  if (output.isStream) method.serverStreaming = true;
  const mark = marks.add(method, start);
  marks.setName(mark, nameStart);
  marks.setType(mark, input.offset);
  marks.setSecond(mark, output.offset);
  marks.setHeadEnd(mark, tokens.start);
  if (!tokens.takeSymbol(SEMICOLON)) {
    if (!tokens.takeSymbol(OPEN_BRACE)) throw tokens.expected("';' or '{'");
    // protoc sets the options of every method that has a body, even an empty one.
    method.options = {};
    while (!tokens.takeSymbol(CLOSE_BRACE)) {
      if (tokens.takeSymbol(SEMICOLON)) continue;
      if (!tokens.isWord('option')) throw tokens.expected("'option' or '}'");
      parseOptionStatement(state, method);
    }
  }
  marks.setEnd(mark, tokens.previousEnd);
  return method;
}

/** `(stream .pkg.Type)` */
function parseMessageType({ tokens }: ParseState): { typeName: string; isStream: boolean; offset: number } {
  tokens.expectSymbol(OPEN_PAREN);
  const isStream = tokens.takeWord('stream');
  const offset = tokens.start;
  if (isBuiltinType(tokens.word)) throw tokens.expected('a message type');
  const typeName = tokens.qualifiedName('a message type');
  tokens.expectSymbol(CLOSE_PAREN);
  return { typeName, isStream, offset };
}
