const library = require('stubless');
const testing = require('stubless/testing');
const { calls } = require('./calls.cjs');

calls(library, testing).then(console.log);
