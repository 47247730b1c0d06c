// What `npm run layers` forbids: cycles of files, undeclared dependencies, and every arrow between rooms of lib that
// spec/layers/rooms.json does not allow.

const rooms = require('./spec/layers/rooms.json');

const escaped = (text) => text.replace(/[.]/g, '\\$&');
const inFolder = (folder) => (folder === '.' ? '^lib/[^/]+$' : `^lib/${folder}/[^/]+$`);
const filesOf = (name) =>
  name.endsWith('.ts') ? [`^lib/${escaped(name)}$`] : [name, ...(rooms[name].with ?? [])].map(inFolder);

const arrows = Object.entries(rooms).flatMap(([name, { is, imports, types = [] }]) => [
  {
    name: `rooms: ${name}`,
    comment: `${name} is ${is}`,
    severity: 'error',
    from: { path: filesOf(name) },
    to: { path: '^lib/', pathNot: [name, ...imports, ...types].flatMap(filesOf) },
  },
  ...(types.length === 0
    ? []
    : [
        {
          name: `rooms: types alone for ${name}`,
          severity: 'error',
          from: { path: filesOf(name) },
          to: { path: types.flatMap(filesOf), dependencyTypesNot: ['type-only'] },
        },
      ]),
]);

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'A cycle of imports that remain at run time: neither file can be read alone.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-dev-dependencies',
      comment:
        'What lib imports must come with the package. What the command line imports is bundled into it.',
      severity: 'error',
      from: { path: '^lib', pathNot: '^lib/cli/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-run-time-dependencies',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/cli/' },
      to: { path: 'node_modules' },
    },
    {
      name: 'rooms: a folder without a row',
      severity: 'error',
      from: { path: '^lib/', pathNot: Object.keys(rooms).flatMap(filesOf) },
      to: {},
    },
    ...arrows,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
