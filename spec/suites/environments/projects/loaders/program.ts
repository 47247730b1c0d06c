import * as library from 'stubless';
import * as testing from 'stubless/testing';

const { calls } = require('./calls.cjs');

calls(library, testing).then((text: string) => console.log(text));
