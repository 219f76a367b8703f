import type { Page } from 'playwright-core';

/** Faults of a page that somebody meets who listens to it, or who sees little; a line each. What is hidden is left out. */
export function faultsForReaders(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const faults: string[] = [];
    const isShown = (element: Element): boolean => element.checkVisibility();
    const all = (what: string): Element[] => [...document.querySelectorAll(what)].filter(isShown);
    const labelOf = (element: Element): string => {
      const by = element.getAttribute('aria-labelledby');
      const labels =
        element instanceof HTMLInputElement || element instanceof HTMLSelectElement ? element.labels : null;
      return (
        [
          element.getAttribute('aria-label'),
          by === null ? null : document.getElementById(by)?.textContent,
          labels?.[0]?.textContent,
          element.textContent,
        ].find((one) => (one ?? '').trim() !== '') ?? ''
      );
    };
    const told = (element: Element): string =>
      `${element.tagName.toLowerCase()}#${element.id}.${element.className}`;

    if (all('h1').length !== 1) faults.push('there is not one first heading');
    if (document.documentElement.lang === '') faults.push('its language is not told');
    for (const landmark of ['header', 'main', 'nav', 'footer'])
      if (all(landmark).length === 0) faults.push(`there is no ${landmark}`);
    let before = 1;
    for (const heading of all('h1, h2, h3, h4')) {
      const level = Number(heading.tagName[1]);
      if (level > before + 1) faults.push(`a heading of level ${level} comes after one of level ${before}`);
      before = level;
    }
    for (const one of all('button, a, input, select, [role=slider], [role=img], [role=region], section, nav'))
      if (labelOf(one) === '') faults.push(`${told(one)} has no name`);
    for (const table of all('table')) {
      if ((table.querySelector('caption')?.textContent ?? '') === '') faults.push('a table has no caption');
      for (const head of table.querySelectorAll('th'))
        if (!head.hasAttribute('scope')) faults.push('a heading of a table has no scope');
    }
    for (const image of all('img')) if (!image.hasAttribute('alt')) faults.push('an image has no text');
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
    for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) faults.push(`two are called ${id}`);
    return faults;
  });
}

/** Texts whose contrast with what is behind them is below 4.5 (WCAG 2.2, 1.4.3), with their contrast. */
export function faintTexts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const numbers = (colour: string): number[] => (colour.match(/[\d.]+/g) ?? []).map(Number);
    const light = (colour: string): number => {
      const [red = 0, green = 0, blue = 0] = numbers(colour).map((value) => {
        const part = value / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const groundOf = (element: Element | null): string => {
      if (element === null) return 'rgb(255, 255, 255)';
      const { backgroundColor } = getComputedStyle(element);
      return numbers(backgroundColor)[3] === 0 ? groundOf(element.parentElement) : backgroundColor;
    };
    const faint = new Set<string>();
    for (const element of document.querySelectorAll('body *')) {
      const text = [...element.childNodes].find(
        (node) => node.nodeType === Node.TEXT_NODE && (node.textContent ?? '').trim() !== '',
      );
      if (text === undefined || !element.checkVisibility() || element.closest('noscript') !== null) continue;
      const [one, other] = [light(getComputedStyle(element).color), light(groundOf(element))];
      const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
      if (contrast < 4.5)
        faint.add(`${contrast.toFixed(2)}: ${(text.textContent ?? '').trim().slice(0, 40)}`);
    }
    return [...faint];
  });
}
