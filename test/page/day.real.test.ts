import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { faintTexts, faultsForReaders } from './readers.ts';
import { type Look, look, type Seen, startBrowser } from './browser.ts';
import { fillDay } from './scenery.ts';
import { type ServedPage, servePage } from './scene.ts';

const patience = { timeout: 60_000 };

let browser: Browser;
let served: ServedPage;
let seen: Seen | null;
beforeAll(async () => {
  browser = await startBrowser();
  served = await servePage();
  fillDay(served);
});
afterAll(async () => {
  served.close();
  await browser.close();
});
beforeEach(() => {
  seen = null;
});
afterEach(async () => {
  await seen?.close();
});

/** Opens the page, and waits until all of it is there. */
async function open(how: Look = {}): Promise<Seen> {
  seen = await look(browser, how);
  await seen.page.goto(served.url);
  await seen.page.locator('#link[data-state=live]').waitFor();
  await seen.page.locator('#ended tbody tr').first().waitFor();
  await seen.page.locator('#kinds tbody tr').first().waitFor();
  return seen;
}

describe('the page of a day', () => {
  it('tells what the node does, in light, and shows what it did', async () => {
    const { page, picture } = await open({ width: 1280 });
    expect(await page.title()).toBe('node7.example.org · Plancton');
    expect(await page.locator('#sentence').textContent()).toBe(
      '14 of 14 pilots run, 1 of them paused for the owner',
    );
    expect(await page.locator('#node-view figure h3').allTextContents()).toEqual([
      'CPU',
      'Memory',
      'What the owner waits',
      'Slots',
      'Pilots',
      'What kept one more from starting',
    ]);
    expect(await page.locator('#charts .summary').first().textContent()).toMatch(
      /^On average owner [\d.]+, pilots [\d.]+, idle [\d.]+\.$/,
    );
    expect(await page.locator('#why').textContent()).toContain('room for 11 more');
    expect(await page.locator('#decisions li').first().textContent()).toContain(
      'of kind cms (refill) in 412 ms',
    );
    expect(await page.locator('#kinds tbody tr').nth(3).textContent()).toContain('backs off');
    expect(await page.locator('#running tbody tr').count()).toBe(14);
    await picture('page-light');
    expect(await faintTexts(page)).toEqual([]);
    expect(await faultsForReaders(page)).toEqual([]);
  });

  it('is as readable in the dark', async () => {
    const { page, picture } = await open({ dark: true });
    await picture('page-dark');
    expect(await faintTexts(page)).toEqual([]);
  });

  it('fits a phone, where only its tables are moved sideways', async () => {
    const { page, picture } = await open({ width: 360, height: 740 });
    await picture('page-phone');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    const canvas = page.locator('.plot canvas').first();
    await expect.poll(() => canvas.evaluate((one) => one.clientWidth), patience).toBeLessThan(340);
  });

  it('draws in the colours that are told, and anew when it gets dark', async () => {
    const { page } = await open();
    const drawn = (): Promise<readonly string[]> =>
      page
        .locator('#charts canvas')
        .first()
        .evaluate((canvas: HTMLCanvasElement) => {
          const context = canvas.getContext('2d');
          const { data = [] } = context?.getImageData(0, 0, canvas.width, canvas.height) ?? {};
          const counts = new Map<string, number>();
          for (let at = 0; at < data.length; at += 4) {
            const colour = `${data[at]},${data[at + 1]},${data[at + 2]},${data[at + 3]}`;
            counts.set(colour, (counts.get(colour) ?? 0) + 1);
          }
          return [...counts].filter(([, count]) => count > 200).map(([colour]) => colour);
        });
    await expect.poll(drawn, patience).toEqual(expect.arrayContaining(['0,114,178,255', '227,233,238,255']));
    await page.emulateMedia({ colorScheme: 'dark' });
    await expect.poll(drawn, patience).toEqual(expect.arrayContaining(['61,159,224,255', '40,50,60,255']));
  });

  it('looks back as far as it is asked to', async () => {
    const { page } = await open();
    const asked = page.waitForRequest(/api\/series\?hours=24&steps=480$/);
    await page.getByText('24 h', { exact: true }).click();
    await asked;
    await expect.poll(() => page.locator('#numbers').textContent(), patience).toContain('in 24 h');
    // The hours without a daemon is a gap, and not a line through it.
    await page.locator('#charts summary').first().click();
    await expect
      .poll(() => page.locator('#charts tbody').first().textContent(), patience)
      .toContain('unknown');
  });

  it('tells of a life that is clicked at, and what kept one more from starting as a list', async () => {
    const { page } = await open();
    const over = page.locator('#timeline .u-over').first();
    const { width, height } = (await over.boundingBox()) ?? { width: 0, height: 0 };
    // The lowest lane always has a pilot.
    const position = { x: width / 2, y: height - 8 };
    await over.hover({ position });
    const told = (await page.locator('.under').textContent()) ?? '';
    expect(told).toMatch(/^plancton-worker-\w{6} of kind (atlas|cms), [\d.]+ (s|min|h): /);
    await over.click({ position });
    await page.locator('#pilot dd').first().waitFor();
    expect(await page.locator('#pilot-title').textContent()).toMatch(/^plancton-worker-\w{6}$/);
    await page.getByRole('button', { name: 'Close', exact: true }).click();
    await page.getByText('As a list').click();
    await expect
      .poll(() => page.locator('.stretches').textContent(), patience)
      .toMatch(/\d\d:\d\d to \d\d:\d\d: full, as many as may run/);
  });

  it('works by keyboard alone', async () => {
    const { page } = await open();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to what the node does');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowLeft');
    expect(await page.locator('#span input:checked').getAttribute('value')).toBe('1');
    await expect.poll(() => page.locator('#numbers').textContent(), patience).toContain('in 1 h');

    await page.keyboard.press('Tab');
    const chart = page.locator('[role=slider]').first();
    expect(await chart.evaluate((one) => one === document.activeElement)).toBe(true);
    const last = await chart.getAttribute('aria-valuenow');
    await page.keyboard.press('Home');
    expect(await chart.getAttribute('aria-valuenow')).not.toBe(last);
    expect(await chart.getAttribute('aria-valuetext')).toMatch(
      /^\d\d:\d\d: owner [\d.]+, pilots [\d.]+, idle [\d.]+$/,
    );
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('#charts .at').first().textContent(), patience).toBe('now');

    const name = page.locator('#ended tbody button').first();
    await name.focus();
    await page.keyboard.press('Enter');
    await page.locator('#pilot dd').first().waitFor();
    expect(await page.locator('#pilot').getAttribute('open')).not.toBeNull();
    await page.keyboard.press('Escape');
    expect(await page.locator('#pilot').getAttribute('open')).toBeNull();
    expect(await name.evaluate((one) => one === document.activeElement)).toBe(true);
  });

  it('sorts its tables, and says by what', async () => {
    const { page } = await open();
    const heads = page.locator('#running th[scope=col]');
    const first = page.locator('#running tbody tr').first();
    expect(await heads.nth(3).getAttribute('aria-sort')).toBe('descending');
    await heads.nth(5).getByRole('button').click();
    expect(await heads.nth(5).getAttribute('aria-sort')).toBe('descending');
    expect(await first.textContent()).toContain('1.8 GB');
    await heads.nth(5).getByRole('button').click();
    expect(await heads.nth(5).getAttribute('aria-sort')).toBe('ascending');
    expect(await first.textContent()).toContain('600 MB');
  });

  it('moves nothing for who wants it calm', async () => {
    const { page } = await open({ calm: true });
    const moving = (): Promise<number> => page.evaluate(() => document.getAnimations().length);
    expect(await moving()).toBe(0);
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    await expect.poll(moving, patience).toBeGreaterThan(0);
  });
});
