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
        ...['--proto', 'protos/helloworld.proto', '--html', path, '--fail', 'p99<1us,errors<0.1%'],
      ]);
      expect(end.status).to.equal(1);
      expect(end.stderr).to.match(/^stubless: p99<1us does not hold: it was [\d.,]+ ms\n$/);
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
        expect(await page.locator('#gates tr').allTextContents()).to.have.length(2);
        expect(await page.locator('#gates .bad').allTextContents()).to.deep.equal(['does not hold']);
        expect(await page.locator('#plan').textContent()).to.contain('50 callers');
        expect(await page.locator('#client').textContent()).to.match(/machine.*cores.*CPU per call/);
      });
    });
  }

  it('fits a telephone: nothing is wider than 400 pixels', async () => {
    const page = await browser.newPage({ viewport: { width: 400, height: 800 } });
    await page.goto(pathToFileURL(path).href);
    await page.screenshot({ path: join(FOLDER, 'report-400.png'), fullPage: true });
    const wide = await page.evaluate<string[]>(
      "[...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > 400.5).map((one) => one.tagName + '.' + one.className)",
    );
    expect(wide).to.deep.equal([]);
    await page.close();
  });

  it('prints on white paper, plots and all, in whichever colours it is seen', async () => {
    const page = await browser.newPage({ colorScheme: 'dark', viewport: { width: 1200, height: 900 } });
    await page.goto(pathToFileURL(path).href);
    const pdf = await page.pdf({ path: join(FOLDER, 'report.pdf'), format: 'A4', printBackground: true });
    expect(pdf.subarray(0, 5).toString()).to.equal('%PDF-');
    await page.evaluate("window.dispatchEvent(new Event('beforeprint'))");
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    await page.setViewportSize({ width: 720, height: 900 });
    await page.screenshot({ path: join(FOLDER, 'report-print.png'), fullPage: true });
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).to.equal(
      'rgb(255, 255, 255)',
    );
    const widths = await page.evaluate<number[]>(
      "[...document.querySelectorAll('.plot canvas')].map((one) => one.getBoundingClientRect().width)",
    );
    for (const width of widths) expect(width).to.be.within(500, 700);
    await page.close();
  });
});
