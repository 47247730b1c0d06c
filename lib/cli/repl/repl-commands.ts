// The commands of the REPL: what each is called, what it does and what completes its words.

import { escapeText, jsonText } from '../command/escape.ts';
import { LocalError, UsageError } from '../command/failure.ts';
import { printDescription } from '../commands/describe.ts';
import { printServices } from '../commands/list.ts';
import {
  completeField,
  completeMethod,
  completeService,
  completeSymbol,
} from '../completion/symbol-completion.ts';
import { SAVED_REQUEST } from '../requests/call-words.ts';
import { setsExtension } from '../requests/field-words.ts';
import { parseHeader } from '../requests/headers.ts';
import { wordsOf } from '../requests/line-words.ts';
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
    usage: 'call METHOD [field=value … | JSON …] | call FILE#NAME',
    help: 'call a method; requests of a stream may be typed line by line; or send a request of a file',
    async run(session, text) {
      const [name, ...rest] = callWords(text);
      if (name === undefined) throw new UsageError('call needs a method: call SayHello name=you');
      await session.call(name, rest);
    },
    complete: completeCall,
  },
  save: {
    usage: 'save FILE#NAME',
    help: 'write the last call, with what came back, to a file of requests',
    run: save,
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
        throw new LocalError('the editor left nothing; no call was made');
      await session.run(method, { words: [], data: [edited], form: 'json', allowUnknown: false });
    },
    complete: ({ client }, words) => (words.length === 1 ? completeMethod(client, words[0]) : []),
  },
  list: {
    usage: 'list [SERVICE] [-l | --json]',
    help: 'the services, or the methods of one',
    async run({ client, io }, text) {
      const { words, flags } = flagsOf('list', text, { '-l': 'long', '--long': 'long', '--json': 'json' });
      await printServices(client, only('list', words), flags, io);
    },
    complete: ({ client }, words) => (words.length === 1 ? completeService(client, words[0]) : []),
  },
  describe: {
    usage: 'describe SYMBOL [--json | --template | --json-schema]',
    help: 'a service, method, message or enum as .proto source',
    run: describe,
    complete: completeDescribed,
  },
  desc: { usage: 'desc SYMBOL', help: 'the same as describe', run: describe, complete: completeDescribed },
  show: {
    usage: 'show [services | methods [SERVICE] | headers | settings]',
    help: 'what can be called, and what is sent and set for calls',
    run: show,
    complete({ client }, words) {
      if (words.length === 1) return SHOWN.filter((name) => name.startsWith(words[0]));
      return words.length === 2 && words[0] === 'methods' ? completeService(client, words[1]) : [];
    },
  },
  header: {
    usage: 'header NAME: VALUE | header NAME',
    help: 'send metadata with every call; without a value, stop sending it',
    run({ headers }, text) {
      if (text.trim() === '') throw new UsageError('header needs a name and a value: header x-tenant: blue');
      if (!text.includes(':')) {
        if (headers.delete(text.trim().toLowerCase())) return;
        // evans has `header name=value`; what the value is, is told to nobody.
        const [, assigned] = /^\s*([\w.-]+)\s*=/.exec(text) ?? [];
        if (assigned !== undefined) throw new UsageError(`write header ${assigned}: VALUE, with a colon`);
        throw new LocalError(`the header '${text.trim()}' is not set`);
      }
      const [name, value] = parseHeader(text);
      headers.set(name, [value]);
    },
    complete: ({ headers }, words) =>
      words.length === 1 ? [...headers.keys()].filter((name) => name.startsWith(words[0])) : [],
  },
  set: {
    usage: 'set NAME VALUE',
    help: `${Object.keys(SETTINGS).join(', ')}; without a name, show all`,
    run(session, text) {
      const [name, value, surplus] = wordsOf(text);
      if (name === undefined) {
        show(session, 'settings');
        return;
      }
      const setting = Object.hasOwn(SETTINGS, name) ? SETTINGS[name] : undefined;
      if (setting === undefined) {
        throw new UsageError(`unknown setting '${name}'; settings are ${Object.keys(SETTINGS).join(', ')}`);
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
    help: 'show this help',
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

/** The one word that a command takes, if any. */
function only(command: string, [word, surplus]: readonly string[]): string | undefined {
  if (surplus !== undefined) throw new UsageError(`${command} takes one name; '${surplus}' is one too many`);
  return word;
}

/** The words of a line, and what the flags among them mean. */
function flagsOf<Name extends string>(
  command: string,
  text: string,
  known: Readonly<Record<string, Name>>,
): { readonly words: readonly string[]; readonly flags: Readonly<Partial<Record<Name, boolean>>> } {
  const words: string[] = [];
  const flags: Partial<Record<Name, boolean>> = {};
  for (const word of wordsOf(text)) {
    if (Object.hasOwn(known, word)) flags[known[word]] = true;
    else if (word.startsWith('-')) {
      throw new UsageError(`${command} has no option '${word}'; it has ${Object.keys(known).join(', ')}`);
    } else words.push(word);
  }
  return { words, flags };
}

async function describe({ client, asksServer, io }: Session, text: string): Promise<void> {
  const { words, flags } = flagsOf('describe', text, {
    '--json': 'json',
    '--template': 'template',
    '--json-schema': 'jsonSchema',
  });
  const name = only('describe', words);
  if (name === undefined) throw new UsageError('describe needs a symbol: describe helloworld.Greeter');
  await printDescription(client, name, flags, io, asksServer);
}

function completeDescribed({ client }: Session, words: readonly string[]): readonly string[] {
  return words.length === 1 ? completeSymbol(client, words[0]) : [];
}

const USAGE_COLUMNS = 58;
async function save({ lastCall, client, target, reach, headers, settings, io }: Session, text: string) {
  const [place, surplus] = wordsOf(text);
  if (place === undefined || surplus !== undefined || !SAVED_REQUEST.test(place)) {
    throw new UsageError('save needs a file and a name: save hello.requests.yaml#greets');
  }
  if (lastCall === undefined) throw new LocalError('there was no call yet that could be saved');
  const { SavedCall } = await import('../request-files/saved-call.ts');
  const set = [...headers].flatMap(([name, values]) => values.map((value) => [name, value] as const));
  const header = [...(reach.header ?? []), ...set];
  const { method, requests, sentCount, replies, replyCount, status, metadata = [], secrets } = lastCall;
  const rpcHeader = [...(reach.rpcHeader ?? []), ...metadata];
  const timeout = lastCall.timeoutMs ?? settings.timeout;
  const options = {
    ...reach,
    header,
    rpcHeader,
    ...(timeout === undefined ? {} : { timeout }),
  };
  const saved = SavedCall.open(place, target.text, options, io, secrets);
  saved.repliesCame(replies, replyCount);
  await saved.write(client, method, requests, status, sentCount);
}

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
    if (services.length === 0) throw new LocalError(`unknown service '${name}'; 'show services' lists them`);
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
  } else throw new UsageError(`show takes ${SHOWN.join(', ')}, not '${what}'`);
}

/** A JSON message needs no quotes here: no shell takes them away. */
function callWords(text: string): string[] {
  const json = /^\s*(\S+)\s+([{[].*)$/s.exec(text);
  return json === null || setsExtension(json[2]) ? wordsOf(text) : [json[1], json[2]];
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
