// As a generator for CommonJS makes it: descriptors as JSON.
module.exports = {
  descriptor: {
    file: [{ name: 'g.proto', package: 'g', service: [{ name: 'S' }] }],
  },
};
