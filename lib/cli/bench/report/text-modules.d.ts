// biome-ignore-all lint/style/noDefaultExport: this is how the bundler gives a file's text

// Files that the build takes in as text: `import page from './report.html' with { type: 'text' }`.

declare module '*.html' {
  const text: string;
  export default text;
}

declare module 'uplot/dist/uPlot.iife.min.js' {
  const text: string;
  export default text;
}

declare module 'uplot/dist/uPlot.min.css' {
  const text: string;
  export default text;
}
