// The commands of the REPL: what each is called, what it does and what completes its words.

import { escapeLines, escapeText, jsonText } from '../escape.ts';
import { LocalError, UsageError } from '../failure.ts';
import { parseHeader } from '../headers.ts';
import { wordsOf } from '../interactive.ts';
import { completeField, completeMethod, completeService, completeSymbol } from '../symbol-completion.ts';
import { editText } from './editor.ts';
import { SETTINGS, type Session } from './session.ts';
import type { ReplTerminal } from './terminal.ts';

interface ReplCommand {
  readonly usage: string;
  readonly help: string;
  /** @param text what stands behind the command's name */
  run(session: Session, text: string, terminal: Pick<ReplTerminal, 'lend'>): void | Promise<void>;
  /** What may stand where the last of the words is being typed. */
  complete?(session: Session, words: readonly string[]): readonly string[];
}

export const REPL_COMMANDS: Readonly<Record<string, ReplCommand>> = {
  call: {
    usage: 'call METHOD [field=value … | JSON …]',
    help: 'call a method; requests of a stream may be typed line by line',
    async run(session, text) {
      const [name, ...rest] = callWords(text);
      if (name === undefined) throw new UsageError('call needs a method: call SayHello name=you');
      await session.call(name, rest);
    },
    complete: completeCall,
  },
  edit: {
    usage: 'edit METHOD',
    help: 'write a request in $EDITOR, then call',
    async run(session, text, terminal) {
      const [name, surplus] = wordsOf(text);
      if (name === undefined || surplus !== undefined)
        throw new UsageError('edit needs a method: edit SayHello');
      const method = await session.client.method(name, { signal: session.io.signal });
      const template = `${jsonText(method.template, 2)}\n`;
      const edited = terminal.lend(() => editText(template, `${method.name}.json`, session.io.env));
      if (edited === undefined || edited.trim() === '')
        throw new LocalError('the editor gave nothing; no call was made');
      await session.run(method, { words: [], data: [edited], form: 'json', allowUnknown: false });
    },
    complete: ({ client }, words) => (words.length === 1 ? completeMethod(client, words[0]) : []),
  },
  desc: {
    usage: 'desc SYMBOL',
    help: 'a service, method, message or enum as .proto source',
    run(session, text) {
      const [name] = wordsOf(text);
      if (name === undefined) throw new UsageError('desc needs a symbol: desc helloworld.Greeter');
      const { proto } = session.client.describe(name);
      void session.io.out.line(session.io.out.colours.proto(escapeLines(proto.trimEnd())));
    },
    complete: ({ client }, words) => (words.length === 1 ? completeSymbol(client, words[0]) : []),
  },
  show: {
    usage: 'show [services | methods [SERVICE] | headers | settings]',
    help: 'what there is to call, and what calls are made with',
    run: show,
    complete({ client }, words) {
      if (words.length === 1) return SHOWN.filter((name) => name.startsWith(words[0]));
      return words.length === 2 && words[0] === 'methods' ? completeService(client, words[1]) : [];
    },
  },
  header: {
    usage: 'header NAME: VALUE | header NAME',
    help: 'send metadata with every call; without a value, no more',
    run({ headers }, text) {
      if (text.trim() === '') throw new UsageError('header needs a name and a value: header x-tenant: blue');
      if (!text.includes(':')) {
        if (!headers.delete(text.trim().toLowerCase()))
          throw new LocalError(`no header '${text.trim()}' is set`);
        return;
      }
      const [name, value] = parseHeader(text);
      headers.set(name, [value]);
    },
    complete: ({ headers }, words) =>
      words.length === 1 ? [...headers.keys()].filter((name) => name.startsWith(words[0])) : [],
  },
  set: {
    usage: 'set NAME VALUE',
    help: `${Object.keys(SETTINGS).join(', ')}; alone it shows them`,
    run(session, text) {
      const [name, value, surplus] = wordsOf(text);
      if (name === undefined) {
        show(session, 'settings');
        return;
      }
      const setting = Object.hasOwn(SETTINGS, name) ? SETTINGS[name] : undefined;
      if (setting === undefined) {
        throw new UsageError(`there is no setting '${name}'; there are ${Object.keys(SETTINGS).join(', ')}`);
      }
      if (value === undefined || surplus !== undefined) {
        throw new UsageError(`set ${name} needs one value: ${setting.values.join(', ')}`);
      }
      setting.change(session.settings, value);
    },
    complete(_session, words) {
      if (words.length === 1) return Object.keys(SETTINGS).filter((name) => name.startsWith(words[0]));
      const setting = Object.hasOwn(SETTINGS, words[0]) ? SETTINGS[words[0]] : undefined;
      return words.length === 2 ? (setting?.values ?? []).filter((value) => value.startsWith(words[1])) : [];
    },
  },
  help: {
    usage: 'help',
    help: 'this',
    run({ io }) {
      const rows = [
        ...Object.values(REPL_COMMANDS).map(({ usage, help }): [string, string] => [usage, help]),
        ['JavaScript', '`client` is the client, `reply` the last reply; await works at the top'],
        ['exit, Ctrl-D', 'leave'],
      ];
      for (const [usage, help] of rows) void io.out.line(`  ${usage.padEnd(USAGE_COLUMNS)}${help}`);
    },
  },
};

const USAGE_COLUMNS = 58;
const SHOWN = ['services', 'methods', 'headers', 'settings'];

function show(session: Session, text: string): void {
  const [what = 'services', name] = wordsOf(text);
  const { client, headers, io, settings } = session;
  const line = (value: string): void => void io.out.line(escapeText(value));
  if (what === 'services') {
    for (const { fullName, unavailable } of client.services) {
      line(unavailable === undefined ? fullName : `${fullName} (its schema cannot be had: ${unavailable})`);
    }
  } else if (what === 'methods') {
    const services = client.services.filter(({ fullName, name: short }) => {
      return name === undefined || fullName === name || short === name;
    });
    if (services.length === 0)
      throw new LocalError(`there is no service '${name}'; 'show services' lists them`);
    for (const method of services.flatMap(({ methods }) => methods)) {
      const [request, reply] = method.cardinality
        .split('_')
        .map((kind) => (kind === 'stream' ? 'stream ' : ''));
      line(`${method.path.slice(1)}(${request}${method.requestType}) returns (${reply}${method.replyType})`);
    }
  } else if (what === 'headers') {
    for (const [header, values] of headers) for (const value of values) line(`${header}: ${value}`);
  } else if (what === 'settings') {
    for (const [setting, { help, show: value }] of Object.entries(SETTINGS)) {
      line(`${setting.padEnd(14)}${value(settings).padEnd(10)}${help}`);
    }
  } else throw new UsageError(`show is for ${SHOWN.join(', ')}, not '${what}'`);
}

/** A JSON message needs no quotes here: no shell takes them away. */
function callWords(text: string): string[] {
  const json = /^\s*(\S+)\s+([{[].*)$/s.exec(text);
  return json === null ? wordsOf(text) : [json[1], json[2]];
}

function completeCall({ client }: Session, words: readonly string[]): readonly string[] {
  if (words.length === 1) return completeMethod(client, words[0]);
  const method = client.services
    .flatMap(({ methods }) => methods)
    .find(({ name, fullName, path }) => [name, fullName, path, path.slice(1)].includes(words[0]));
  return method === undefined ? [] : completeField(client, method.requestType, words[words.length - 1]);
}

/** The command that a line means, and what stands behind its name; undefined where it is JavaScript. */
export function replCommand(
  line: string,
): { readonly command: ReplCommand; readonly text: string } | undefined {
  const match = /^\s*([a-z]+)(?:\s+(.*))?\s*$/s.exec(line);
  if (match === null || !Object.hasOwn(REPL_COMMANDS, match[1])) return undefined;
  const text = match[2] ?? '';
  // `call = 5` and `set.size` are JavaScript.
  if (/^(?:=|\.|\()/.test(text)) return undefined;
  return { command: REPL_COMMANDS[match[1]], text };
}

/** What completes a line of commands; undefined where it is JavaScript. */
export function completeLine(
  session: Session,
  line: string,
): readonly [readonly string[], string] | undefined {
  const known = replCommand(line);
  if (known === undefined || !/\s/.test(line.trimStart())) {
    if (!/^\s*[a-z]*$/.test(line) || line.trim() === '') return undefined;
    const names = Object.keys(REPL_COMMANDS).filter((name) => name.startsWith(line.trim()));
    return names.length === 0 ? undefined : [names.map((name) => `${name} `), line.trimStart()];
  }
  const words = line.trimStart().split(/\s+/).slice(1);
  const typed = words[words.length - 1] ?? '';
  return [known.command.complete?.(session, words) ?? [], typed];
}
