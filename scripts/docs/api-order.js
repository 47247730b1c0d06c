// A plugin of TypeDoc: puts what a door exports in the order in which a reader meets it, and the members of each in that of
// its own file before those that it inherits. Without it files would decide, and each move of one would change the pages.

const FIRST = ['Client', 'Call', 'Stream', 'Metadata', 'RpcError', 'TestServer'];

function rank({ name }) {
  const at = FIRST.indexOf(name);
  return at < 0 ? FIRST.length : at;
}

/** Exports: those that matter most, then by name. */
function byName(a, b) {
  return rank(a) - rank(b) || (a.name < b.name ? -1 : 1);
}

/** Whom a member is inherited from: nobody comes first. */
const origin = ({ inheritedFrom }) => inheritedFrom?.name.split('.')[0] ?? '';

/** Members: own ones, then inherited ones by whom they come from; those of one file stay as they are. */
function byOrigin(a, b) {
  const [from, other] = [origin(a), origin(b)];
  return from === other ? 0 : from < other ? -1 : 1;
}

export function load(app) {
  app.converter.on(
    'resolveEnd',
    ({ project }) => {
      for (const door of project.children ?? []) {
        for (const group of door.groups ?? []) group.children.sort(byName);
        for (const exported of door.children ?? []) {
          for (const group of exported.groups ?? []) group.children.sort(byOrigin);
        }
      }
    },
    // After TypeDoc has made the groups.
    -1000,
  );
}
