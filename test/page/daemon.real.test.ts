import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { begin, configure, engine, plancton, small, useRig } from '../daemon/rig.ts';
import { engineApi } from '../support/engineApi.ts';
import { look, startBrowser } from './browser.ts';

const patience = { timeout: 60_000 };
const written = '<script>alert(1)</script>';

/** What is told now: a log is kept a moment after its pilot has ended. */
async function bodyOf(page: Page): Promise<string | null> {
  await page.reload();
  return page.locator('body').textContent();
}

describe('the page of a daemon', () => {
  let browser: Browser;
  useRig();
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser.close());

  it('shows pilots as they run, end and are followed by others, what they wrote, and that the daemon has ended', async () => {
    const command = JSON.stringify(['/bin/sh', '-c', `echo '${written}'; exec /bin/sleep 1000`]);
    configure(
      plancton,
      engine.url,
      `${small}max_docks: 1\ndocker_cmd: ${command}\nlisten: 0\nlisten_logs: local\n`,
    );
    await begin(plancton);
    const [first] = await plancton.running(1);
    const name = first?.Names[0]?.slice(1) ?? '';
    const { page: at } = await plancton.statusWith('a page', (status) => status.page.url !== null);
    const seen = await look(browser, { width: 1440 });
    const { page } = seen;
    await page.goto(at.url ?? '');
    await expect.poll(() => page.locator('#sentence').textContent(), patience).toBe('1 of 1 pilot runs');
    const running = page.locator('#running tbody');
    await running.getByText(name).waitFor();
    await expect
      .poll(() => page.locator('#why').textContent(), patience)
      .toContain('limit: 1 pilot of at most 1 (max_docks): room for 0 more');
    await page.locator('#decisions').getByText(`started ${name}`).waitFor();
    await expect.poll(() => page.locator('#kinds tbody').textContent(), patience).toContain('default');

    await engineApi(engine.socket, `/containers/${first?.Id}/kill`, { method: 'POST' });
    const ended = page.locator('#ended tbody').getByText(name);
    await ended.waitFor();
    await expect.poll(() => running.getByText(name).count(), patience).toBe(0);
    await running.getByText('running', { exact: true }).waitFor();
    await ended.click();
    await page.locator('#pilot').getByText('137, SIGKILL').waitFor();
    const [log] = await Promise.all([page.waitForEvent('popup'), page.getByText('What it wrote').click()]);
    await expect.poll(() => bodyOf(log), patience).toContain(written);
    await page.getByRole('button', { name: 'Close', exact: true }).click();
    await seen.picture('page-daemon');

    await plancton.ctl('stop');
    await page.locator('#link[data-state=lost]').waitFor();
    expect(await page.getByRole('alert').textContent()).toContain('Not connected since');
    await seen.close();
  });
});
