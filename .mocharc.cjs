// mocha's options for every kind of run. Which files are run is said by the npm script, because a `spec`
// here would be added to the files named on the command line.
module.exports = {
  timeout: 10_000,
  slow: 1_000,
  forbidOnly: Boolean(process.env.CI),
};
