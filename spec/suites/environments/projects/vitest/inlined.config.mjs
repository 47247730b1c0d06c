// Vite's own transform for the package, in place of Node's import.
export default { test: { server: { deps: { inline: ['stubless'] } } } };
