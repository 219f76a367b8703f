/** What an element may be made with. Text is text: nothing of what the daemon tells is ever read as HTML. */
type Child = Node | string;

/** Makes an element. `style` cannot be among its attributes: the page’s policy allows none. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** An element of the page as it was loaded. Throws where there is none: page and script are of two versions. */
export function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`#${id} is missing: load the page again`);
  return element;
}

/** Changes a text only where it is another: who reads it is not disturbed otherwise. */
export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** A name that somebody else chose: whatever its direction of writing is, it stays where it is. */
export function name(text: string): HTMLElement {
  return el('bdi', { class: 'name' }, text);
}

/** A small area of a colour; the text beside it says what it stands for. */
export function swatch(colour: string): HTMLElement {
  return el('span', { class: `swatch is-${colour}`, 'aria-hidden': 'true' });
}

/** A part of a bar, in percent of it; set by script, which the page’s policy allows. */
export function setWidth(element: HTMLElement, share: number): void {
  const width = `${(Math.max(0, Math.min(1, share)) * 100).toFixed(2)}%`;
  if (element.style.width !== width) element.style.width = width;
}
