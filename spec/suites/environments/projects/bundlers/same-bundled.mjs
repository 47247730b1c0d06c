import * as library from 'stubless';
import { calls } from './calls.mjs';
import { library as required, testing } from './required.cjs';

if (library.Client !== required.Client) throw new Error('import and require give two classes');
calls(library, testing).then(console.log);
