// The page that `stubless bench --html` writes, opened in Debian's chromium: plots drawn, nothing said on the console,
// nothing asked of a network. Screenshots are kept in .build/report.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../support/browser.ts';
import { startExampleServer } from '../support/peers/servers.ts';
import { runCli } from './run-cli.ts';

const FOLDER = join(process.cwd(), '.build', 'report');
/** Octets of a canvas that are not those of an empty one. */
const DRAWN = `(canvas) => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.filter((octet) => octet !== 0).length`;

describe('the page of a load report, in a browser', function () {
  this.timeout(300_000);

  const path = join(FOLDER, 'report.html');
  let browser: Browser;
  before(async () => {
    mkdirSync(FOLDER, { recursive: true });
    const server = await startExampleServer();
    try {
      const end = await runCli([
        ...[
          'bench',
          `localhost:${server.port}`,
          'SayHello',
          'name=</script><b>{{n}}',
          '-z',
          '3s',
          '--warm-up',
          '0',
        ],
        ...['--proto', 'protos/helloworld.proto', '--html', path],
      ]);
      expect(end).to.include({ status: 0, stderr: '' });
    } finally {
      await server.close();
    }
    browser = await openBrowser();
  });
  after(() => browser?.close());

  for (const colorScheme of ['light', 'dark'] as const) {
    describe(`in ${colorScheme} colours`, () => {
      const said: string[] = [];
      const asked: string[] = [];
      let page: Page;
      before(async () => {
        page = await browser.newPage({ colorScheme, viewport: { width: 1200, height: 900 } });
        page.on('console', (message) => said.push(message.text()));
        page.on('pageerror', (error) => said.push(String(error)));
        page.on('request', (request) => asked.push(request.url()));
        await page.goto(pathToFileURL(path).href);
        await page.screenshot({ path: join(FOLDER, `report-${colorScheme}.png`), fullPage: true });
      });
      after(() => page?.close());

      it('draws its three plots', async () => {
        const plots = await page.locator('.plot canvas').all();
        expect(plots).to.have.length(3);
        for (const plot of plots) {
          expect(await plot.evaluate(new Function(`return (${DRAWN})(...arguments)`) as never)).to.be.above(
            1000,
          );
        }
      });

      it('says nothing on the console', () => {
        expect(said).to.deep.equal([]);
      });

      it('asks nothing of a network', () => {
        expect(asked.filter((url) => !url.startsWith('file:') && !url.startsWith('data:'))).to.deep.equal([]);
      });

      it('shows the figures', async () => {
        expect(await page.title()).to.equal('helloworld.Greeter.SayHello: load report');
        expect(await page.locator('#statuses tr').first().textContent()).to.match(/^OK[\d,]+$/);
        expect(await page.locator('.tile').count()).to.be.above(5);
      });
    });
  }
});
