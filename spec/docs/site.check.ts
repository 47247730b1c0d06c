// The documentation's site, as `npm run docs` built it, opened in Debian's chromium: pages, navigation and search work,
// the console stays empty, nothing is asked of another host and no request fails. Screenshots are kept in .build/docs.

import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../support/browser.ts';

const SITE = '.cache/docs/site';
const FOLDER = '.build/docs';
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.woff2': 'font/woff2',
};

/** The files of the site, as any web server gives them. */
async function serve(): Promise<{ readonly server: Server; readonly origin: string }> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const path = join(
      SITE,
      normalize(decodeURIComponent(pathname)),
      pathname.endsWith('/') ? 'index.html' : '',
    );
    // Browsers ask for it by themselves.
    if (pathname === '/favicon.ico') response.writeHead(204).end();
    else if (!existsSync(path)) response.writeHead(404).end();
    else
      response
        .writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' })
        .end(readFileSync(path));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe('the documentation site, in a browser', function () {
  this.timeout(300_000);

  const said: string[] = [];
  const failed: string[] = [];
  const asked: string[] = [];
  let server: Server;
  let origin: string;
  let browser: Browser;
  let page: Page;
  before(async () => {
    mkdirSync(FOLDER, { recursive: true });
    ({ server, origin } = await serve());
    browser = await openBrowser();
    page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    page.on('console', (message) => said.push(message.text()));
    page.on('pageerror', (error) => said.push(String(error)));
    page.on('request', (request) => asked.push(request.url()));
    page.on('requestfailed', (request) => failed.push(request.url()));
    page.on('response', (response) => {
      if (response.status() >= 400) failed.push(`${response.status()} ${response.url()}`);
    });
  });
  after(async () => {
    await browser?.close();
    server?.close();
  });

  const screenshot = (name: string): Promise<Buffer> =>
    page.screenshot({ path: join(FOLDER, `${name}.png`) });

  it('has the README as its home page', async () => {
    await page.goto(`${origin}/`, { waitUntil: 'networkidle' });
    await screenshot('home');
    expect(await page.title()).to.equal('stubless');
    expect(await page.locator('main h1').innerText()).to.match(/^stubless/);
    expect(await page.locator('main pre code').first().innerText()).to.include('npm install stubless');
  });

  it('leads to every guide from its navigation', async () => {
    await page.getByRole('link', { name: 'Options', exact: true }).first().click();
    await page.waitForURL('**/docs/options.html');
    await page.waitForFunction(`document.querySelector('main h1')?.innerText.startsWith('Options')`);
    await screenshot('guide');
    const links = await page
      .locator('.VPSidebar a')
      .evaluateAll((all) => all.map((a) => a.getAttribute('href')));
    expect(links).to.include.members([
      '/',
      '/docs/values.html',
      '/docs/api/stubless.html',
      '/docs/promises.html',
    ]);
  });

  it('follows a link to a heading of another page', async () => {
    await page.locator('main a[href*="connections.html#load-balancing"]').first().click();
    await page.waitForURL('**/docs/connections.html#load-balancing');
    await page.locator('#load-balancing').waitFor({ state: 'visible' });
  });

  it('finds a word of the API', async () => {
    await page.locator('button.DocSearch-Button').click();
    await page.locator('.VPLocalSearchBox input').fill('maxReceiveMessageBytes');
    await page.locator('.VPLocalSearchBox .result').first().waitFor();
    await screenshot('search');
    const results = await page.locator('.VPLocalSearchBox .result').allInnerTexts();
    expect(results.join('\n')).to.match(/CallOptions|Options/);
    await page.keyboard.press('Escape');
  });

  it('shows the API of a class', async () => {
    await page.goto(`${origin}/docs/api/stubless.html#rpcerror`, { waitUntil: 'networkidle' });
    await page.locator('#rpcerror').waitFor({ state: 'visible' });
    await screenshot('api');
  });

  it('says nothing on the console', () => {
    expect(said).to.deep.equal([]);
  });

  it('asks no other host, and nothing that is not there', () => {
    expect(asked.filter((url) => !url.startsWith(`${origin}/`) && !url.startsWith('data:'))).to.deep.equal(
      [],
    );
    expect(failed).to.deep.equal([]);
  });
});
