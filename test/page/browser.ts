import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { requireProgram } from '../support/programs.ts';

/** Where pictures of what was tested are kept. */
const artefacts = resolve(import.meta.dirname, '../../artefacts');

/** A page in a real browser. */
export interface Seen {
  readonly page: Page;
  /** Keeps a picture of all of it. */
  readonly picture: (name: string) => Promise<void>;
  /**
   * Closes it. Rejects where its policy had to stop anything, a script of its own did something wrong, somebody else's ran,
   * or it asked any other server for something.
   */
  close(): Promise<void>;
}

/** How somebody looks at it. */
export interface Look {
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
  readonly calm?: boolean;
}

/** Debian's Chromium, without a screen. Root needs `--no-sandbox`; a small `/dev/shm`, as containers have, the other one. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: requireProgram('chromium', 'chromium'),
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--font-render-hinting=none'],
    timeout: 120_000,
  });
}

/** Opens a page there; nothing is loaded yet. */
export async function look(
  browser: Browser,
  { width = 1280, height = 900, dark = false, calm = true }: Look = {},
): Promise<Seen> {
  const page = await browser.newPage({
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
    reducedMotion: calm ? 'reduce' : 'no-preference',
    timezoneId: 'UTC',
    locale: 'en-GB',
  });
  page.setDefaultTimeout(60_000);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('console', (message) => {
    // A server that refuses an answer is told of as well, and is no fault of the page.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol !== 'data:' && hostname !== '127.0.0.1') complaints.push(`asked for ${request.url()}`);
  });
  return {
    page,
    async picture(name) {
      mkdirSync(artefacts, { recursive: true });
      // What sticks to the top of the window is to be at the top.
      await page.evaluate(() => scrollTo(0, 0));
      await page.screenshot({ path: join(artefacts, `${name}.png`), fullPage: true });
    },
    async close() {
      await page.close();
      if (complaints.length > 0) throw new Error(complaints.join('\n'));
    },
  };
}
