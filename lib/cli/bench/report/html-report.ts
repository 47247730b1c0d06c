// A load's summary as one page that needs nothing else: plots, tables and the figures themselves as JSON.

import plotScript from 'uplot/dist/uPlot.iife.min.js' with { type: 'text' };
import plotStyle from 'uplot/dist/uPlot.min.css' with { type: 'text' };
import type { LoadSummary } from '../result/summary.ts';
import page from './report.html' with { type: 'text' };

export function htmlReport(summary: LoadSummary): string {
  const parts: Readonly<Record<string, string>> = {
    PLOT_STYLE: plotStyle,
    // In JSON `<` may be written as an escape, so that no text of a server ends the script.
    SUMMARY: JSON.stringify(summary).replaceAll('<', '\\u003c'),
    PLOT_SCRIPT: plotScript,
  };
  return page.replace(
    /\/\*(PLOT_STYLE|PLOT_SCRIPT)\*\/|"(SUMMARY)"/g,
    (all, style?: string, data?: string) => {
      return parts[style ?? data ?? ''] ?? all;
    },
  );
}
