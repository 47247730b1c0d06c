exports.library = require('stubless');
exports.testing = require('stubless/testing');
