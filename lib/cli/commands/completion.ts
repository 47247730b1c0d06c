// `stubless completion`: the script that a shell asks for candidates with. The script runs `stubless completion --words`
// with the line so far; what that answers is completion.ts's.

import type { Command } from '../command.ts';
import { candidates } from '../completion.ts';
import { escapeText } from '../escape.ts';
import { EXIT, UsageError } from '../failure.ts';

interface CompletionValues {
  readonly words?: boolean;
}

/** The last line of the answer says whether files are candidates too. */
const FILES = ':file';
const DIRECTORIES = ':directory';

const SCRIPTS: Readonly<Record<string, string>> = {
  bash: `# stubless completion for bash: eval "$(stubless completion bash)"
_stubless() {
  local line="\${COMP_LINE:0:COMP_POINT}" cur answer last prefix
  local -a words
  read -ra words <<< "$line"
  [[ "$line" == *[[:space:]] ]] && words+=("")
  cur="\${words[\${#words[@]}-1]}"
  mapfile -t answer < <(stubless completion --words -- "\${words[@]:1}" 2>/dev/null)
  COMPREPLY=()
  last="\${answer[\${#answer[@]}-1]}"
  if [[ "$last" == ${FILES} || "$last" == ${DIRECTORIES} ]]; then
    unset 'answer[\${#answer[@]}-1]'
    if [[ "$last" == ${DIRECTORIES} ]]; then mapfile -t COMPREPLY < <(compgen -d -- "$cur"); else mapfile -t COMPREPLY < <(compgen -f -- "$cur"); fi
    compopt -o filenames 2>/dev/null
  fi
  # bash takes host:port for two words: what stands before the last colon is there already.
  prefix=""
  [[ "$cur" == *:* && "$COMP_WORDBREAKS" == *:* ]] && prefix="\${cur%"\${cur##*:}"}"
  for word in "\${answer[@]}"; do
    COMPREPLY+=("\${word#"$prefix"}")
    [[ "$word" == *= ]] && compopt -o nospace 2>/dev/null
  done
}
complete -F _stubless stubless
`,
  zsh: `#compdef stubless
# stubless completion for zsh: eval "$(stubless completion zsh)"
_stubless() {
  local -a answer
  answer=("\${(@f)$(stubless completion --words -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  case "$answer[-1]" in
    ${FILES}) answer[-1]=(); _files ;;
    ${DIRECTORIES}) answer[-1]=(); _files -/ ;;
  esac
  answer=("\${(@)answer:#}")
  local -a fields others
  fields=("\${(@M)answer:#*=}")
  others=("\${(@)answer:#*=}")
  (( $#fields )) && compadd -U -S '' -- $fields
  (( $#others )) && compadd -U -- $others
}
compdef _stubless stubless
`,
  fish: `# stubless completion for fish: stubless completion fish | source
function __stubless
  set -l words (commandline -opc) (commandline -ct)
  set -l answer (stubless completion --words -- $words[2..-1] 2>/dev/null)
  switch "$answer[-1]"
    case ${FILES}
      set -e answer[-1]
      __fish_complete_path (commandline -ct)
    case ${DIRECTORIES}
      set -e answer[-1]
      __fish_complete_directories (commandline -ct)
  end
  printf '%s\\n' $answer
end
complete -c stubless -f -a '(__stubless)'
`,
};

export const completion: Command<CompletionValues> = {
  name: 'completion',
  summary: 'print a script that completes commands, options, services and methods in a shell',
  description:
    'Services, methods and fields are asked of the target that stands on the line, for two seconds at most.',
  arguments: [{ name: 'shell', description: 'bash, zsh or fish', isRepeated: true }],
  groups: [
    {
      title: 'Completion',
      options: [
        {
          flags: '--words',
          description: 'what the script runs: the candidates for the last of the words behind --',
        },
      ],
    },
  ],
  examples: [
    {
      says: 'for bash, in ~/.bashrc',
      line: 'stubless completion bash > ~/.stubless-completion && . ~/.stubless-completion',
    },
  ],
  async run(words, options, io) {
    if (options.words === true) {
      const { words: found, files } = await candidates(words, io);
      for (const word of found) await io.out.line(escapeText(word));
      if (files !== undefined) await io.out.line(files === 'file' ? FILES : DIRECTORIES);
      return EXIT.ok;
    }
    const [shell] = words;
    const script = SCRIPTS[shell];
    if (words.length !== 1 || script === undefined || !Object.hasOwn(SCRIPTS, shell)) {
      throw new UsageError(`completion is for ${Object.keys(SCRIPTS).join(', ')}, not '${words.join(' ')}'`);
    }
    await io.out.write(script);
    return EXIT.ok;
  },
};
