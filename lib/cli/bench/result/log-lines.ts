// The lines of a log as a process wrote them: out of text, and out of what container runtimes and collectors make of it, one line
// of theirs for each of the process's, or several where those are long.

/** A line, and the number of the first line of the file that it was made of, from 1. */
export interface LogLine {
  readonly text: string;
  readonly lineNumber: number;
}

type Chunks = AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>;

/** Far above any result's; of a longer line, such as a disk image's, the rest is passed over. */
export const MAX_LINE_CHARACTERS: number = 2 ** 26;

export async function* logLines(chunks: Chunks): AsyncGenerator<LogLine, void, undefined> {
  const parts = new LineParts();
  let lineNumber = 0;
  for await (const text of linesOf(chunks)) {
    lineNumber++;
    const part = containerPart(text);
    if (part === undefined) yield { text, lineNumber };
    else {
      const whole = parts.add(part, lineNumber);
      if (whole !== undefined) yield whole;
    }
  }
  yield* parts.rest();
}

/** By line feeds alone: other characters that end lines elsewhere may stand in a server's texts. */
async function* linesOf(chunks: Chunks): AsyncGenerator<string, void, undefined> {
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  let open: string[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    // What PowerShell's `>` writes.
    decoder ??= new TextDecoder(bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8');
    const parts = decoder.decode(bytes, { stream: true }).split('\n');
    for (const part of parts.slice(0, -1)) {
      yield [...open, part].join('');
      open = [];
      length = 0;
    }
    const last = parts.at(-1) ?? '';
    if (length < MAX_LINE_CHARACTERS) open.push(last);
    length += last.length;
  }
  const rest = open.join('');
  if (rest !== '') yield rest;
}

/** What a line of a container's log holds of a line that its process wrote. */
interface ContainerPart {
  /** `stdout` or `stderr`, whose parts may lie between each other. */
  readonly stream: string;
  readonly text: string;
  /** The process's line ends with it. */
  readonly isLast: boolean;
}

/** As Kubernetes' runtimes write (CRI): the time, the stream, F for a full line or the end of one and P for a part, the text. */
const CRI = /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d) (stdout|stderr) ([FP])(?::\S+)? /;
/** As Docker's json-file driver writes, and as collectors do that have taken the line feeds off. */
const DOCKER = /^\{"log":"/;
/** What Docker reads at once: it writes down so much of a line as a part, without a line feed. */
const DOCKER_PART_OCTETS = 16_384;
/** As collectors (Fluentd, Loki, cloud providers) write what they took for text, under names of their own. */
const COLLECTED = /^\s*\{.*\{\\"stublessBench\\":/s;
const COLLECTED_NAMES = ['log', 'message', 'msg', 'line', 'textPayload'] as const;

/** Undefined for a line of anything else. */
function containerPart(line: string): ContainerPart | undefined {
  const [head, stream, kind] = CRI.exec(line) ?? [];
  if (head !== undefined) return { stream, text: line.slice(head.length), isLast: kind === 'F' };
  const isDocker = DOCKER.test(line);
  if (!isDocker && !COLLECTED.test(line)) return undefined;
  const entry = recordOf(line);
  const text = COLLECTED_NAMES.map((name) => entry?.[name]).find((value) => typeof value === 'string');
  if (entry === undefined || typeof text !== 'string') return undefined;
  const isPart = isDocker && !text.endsWith('\n') && Buffer.byteLength(text) >= DOCKER_PART_OCTETS;
  return { stream: String(entry['stream']), text, isLast: !isPart };
}

function recordOf(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(line);
  } catch {
    // A line of something else that only looks like one.
    return undefined;
  }
}

/** Puts the parts of lines together. */
class LineParts {
  readonly #open = new Map<
    string,
    { readonly texts: string[]; length: number; readonly lineNumber: number }
  >();

  add({ stream, text, isLast }: ContainerPart, lineNumber: number): LogLine | undefined {
    const open = this.#open.get(stream) ?? { texts: [], length: 0, lineNumber };
    if (open.length < MAX_LINE_CHARACTERS) open.texts.push(text);
    open.length += text.length;
    if (!isLast) {
      this.#open.set(stream, open);
      return undefined;
    }
    this.#open.delete(stream);
    return { text: open.texts.join(''), lineNumber: open.lineNumber };
  }

  /** What has no end. */
  *rest(): Generator<LogLine, void, undefined> {
    for (const { texts, lineNumber } of this.#open.values()) yield { text: texts.join(''), lineNumber };
  }
}
