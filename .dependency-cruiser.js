import { exclusive, rooms } from './rooms.js';

const roomRules = Object.entries(rooms).map(([room, { imports, kernel = true }]) => ({
  name: `room-${room}`,
  comment: `src/${room} may import: ${[...(kernel ? ['kernel'] : []), ...imports].join(', ') || 'nothing'}`,
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: {
    path: '^src/',
    pathNot: [...(kernel ? ['kernel'] : []), room, ...imports]
      .map((name) => `^src/${name}(/|\\.ts$)`)
      .concat('\\.gen\\.ts$'),
  },
}));

const exclusiveRules = Object.entries(exclusive).map(([npm, home]) => ({
  name: `only-${home.replaceAll('/', '-')}-imports-${npm.replaceAll('/', '-')}`,
  severity: 'error',
  from: { path: '^src/', pathNot: `^${home}` },
  to: { path: `(^|node_modules/)${npm}($|/)`, pathNot: '^src/' },
}));

export default {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '^virtual:' } },
    {
      name: 'dicom-is-pure',
      comment: 'src/dicom: no IO, no clock, no npm but the dictionary',
      severity: 'error',
      from: { path: '^src/dicom/' },
      to: { dependencyTypes: ['core', 'npm'], pathNot: '^(buffer$|node_modules/dcmjs/)' },
    },
    ...roomRules,
    ...exclusiveRules,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|node_modules)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
