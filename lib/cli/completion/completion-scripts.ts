// What shells run to complete a line of `stubless`, one script a shell. Candidates come from a server: the scripts take
// them as text, never as code, and quote what a shell would read as anything else.

/** The last line of an answer: that files, or directories, are candidates too. */
export const FILES = ':file';
export const DIRECTORIES = ':directory';

// For bash 3.2 (macOS) and later, without the package bash-completion, and under `set -u`. The line goes over as it is,
// since bash's own words are split at COMP_WORDBREAKS; and readline replaces only what stands behind the last of those.
const BASH = `# stubless completion for bash: eval "$(stubless completion bash)"
_stubless() {
  local IFS=$' \\t\\n' line="\${COMP_LINE:0:COMP_POINT}" cur path word files="" prefix="" head char
  local -a found
  cur="\${line##*[[:space:]]}"
  found=()
  COMPREPLY=()
  while IFS= read -r word; do
    case "$word" in
      ${FILES} | ${DIRECTORIES}) files="$word" ;;
      *[!A-Za-z0-9_./:=@,+%-]*) printf -v word '%q' "$word"; found+=("$word") ;;
      ?*) found+=("$word") ;;
    esac
  done < <(stubless completion --line "$line" 2>/dev/null)
  if [[ -n "$files" ]]; then
    path="$cur"
    if [[ "$cur" == --*=* ]]; then path="\${cur#*=}"; fi
    compopt -o filenames 2>/dev/null
    while IFS= read -r word; do
      found+=("\${cur%"$path"}$word")
    done < <(if [[ "$files" == ${DIRECTORIES} ]]; then compgen -d -- "$path"; else compgen -f -- "$path"; fi)
  fi
  for char in : = @; do
    if [[ "\${COMP_WORDBREAKS-}" == *"$char"* && "$cur" == *"$char"* ]]; then
      head="\${cur%"$char"*}$char"
      if (( \${#head} > \${#prefix} )); then prefix="$head"; fi
    fi
  done
  for word in \${found[@]+"\${found[@]}"}; do
    COMPREPLY+=("\${word#"$prefix"}")
    if [[ "$word" == *[=.] ]]; then compopt -o nospace 2>/dev/null; fi
  done
  return 0
}
complete -F _stubless stubless
`;

// compadd quotes what it puts on the line. The file may also lie in $fpath as _stubless.
const ZSH = `#compdef stubless
# stubless completion for zsh: eval "$(stubless completion zsh)"
_stubless() {
  local -a answer open closed
  local files=''
  answer=("\${(@f)$(stubless completion --words -- "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)}")
  case "\${answer[-1]}" in
    ${FILES} | ${DIRECTORIES}) files="\${answer[-1]}"; answer[-1]=() ;;
  esac
  answer=("\${(@)answer:#}")
  open=("\${(@M)answer:#*[=.]}")
  closed=("\${(@)answer:#*[=.]}")
  (( \${#open} )) && compadd -U -S '' -a open
  (( \${#closed} )) && compadd -U -a closed
  if [[ -n "$files" ]]; then
    [[ "$PREFIX" == --*=* ]] && compset -P 1 '*='
    if [[ "$files" == ${DIRECTORIES} ]]; then _files -/; else _files; fi
  fi
  return 0
}
if [[ "\${zsh_eval_context[-1]}" == loadautofunc ]]; then
  _stubless "$@"
else
  typeset -f compdef > /dev/null || { autoload -Uz compinit && compinit -i }
  compdef _stubless stubless
fi
`;

// fish quotes what `complete` puts on the line.
const FISH = `# stubless completion for fish: stubless completion fish | source
function __stubless_complete
  set -l before (commandline -opc)
  set -e before[1]
  set -l answer (stubless completion --words -- $before (commandline -ct) 2>/dev/null)
  set -l files ''
  if contains -- "$answer[-1]" ${FILES} ${DIRECTORIES}
    set files $answer[-1]
    set -e answer[-1]
  end
  for word in $answer
    printf '%s\\n' $word
  end
  set -l flag (string match -r -- '^--[a-z-]+=' (commandline -ct))
  set -l path (string replace -- "$flag" '' (commandline -ct))
  set -l paths
  switch $files
    case ${FILES}
      set paths (__fish_complete_path "$path")
    case ${DIRECTORIES}
      set paths (__fish_complete_directories "$path")
  end
  for path in $paths
    printf '%s\\n' "$flag$path"
  end
end
complete -c stubless -f -a '(__stubless_complete)'
`;

/** By the shell's name. */
export const SCRIPTS: ReadonlyMap<string, string> = new Map([
  ['bash', BASH],
  ['zsh', ZSH],
  ['fish', FISH],
]);
