/**
 * Puts a picture (`plots/<name>.svg`) and its caption between their marks in a page of Markdown, in place of what is
 * there. Throws when the marks are not there.
 */
export function withCaption(page: string, name: string, title: string, caption: string): string {
  const [begin, end] = [`<!-- figures of ${name} -->`, `<!-- end of figures of ${name} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the page has no marks for the figures of ${name}`);
  const picture = `![${title}](plots/${name}.svg)\n\n${wrapped(caption, 116)}`;
  return `${page.slice(0, from + begin.length)}\n${picture}\n${page.slice(to)}`;
}

/** Breaks text into lines at spaces. */
export function wrapped(text: string, width: number): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.join('\n');
}
