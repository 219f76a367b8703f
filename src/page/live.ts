/** How the page stands with its daemon. */
export type LinkState =
  | { readonly is: 'connecting' | 'live' }
  /** `sinceMs`: when something was last heard, by the clock of this machine; null for never. */
  | { readonly is: 'lost'; readonly sinceMs: number | null };

/** What a live link is made of. */
export interface LiveParts {
  readonly url: string;
  readonly onNews: (news: unknown) => void;
  readonly onState: (state: LinkState) => void;
}

/** News come each two seconds: who says nothing for so long is gone, though the connection may not know it. */
const silenceMs = 10_000;
const firstRetryMs = 1000;
const longestRetryMs = 15_000;

/**
 * Follows the daemon’s news for as long as somebody looks: a page in the background costs the node nothing. A link that
 * breaks, or is silent, is made anew, later each time; the browser’s own way of doing that gives up when it is refused.
 */
export function follow({ url, onNews, onState }: LiveParts): void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let retryMs = firstRetryMs;
  let heardMs: number | null = null;

  const later = (what: () => void, ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(what, ms);
  };
  const leave = (): void => {
    clearTimeout(timer);
    source?.close();
    source = null;
  };
  const lose = (): void => {
    leave();
    onState({ is: 'lost', sinceMs: heardMs });
    later(begin, retryMs);
    retryMs = Math.min(longestRetryMs, retryMs * 2);
  };
  const begin = (): void => {
    leave();
    source = new EventSource(url);
    source.addEventListener('now', ({ data }: MessageEvent<string>) => {
      retryMs = firstRetryMs;
      heardMs = Date.now();
      onState({ is: 'live' });
      later(lose, silenceMs);
      onNews(JSON.parse(data));
    });
    source.addEventListener('error', lose);
    later(lose, silenceMs);
  };
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) leave();
    else begin();
  });
  onState({ is: 'connecting' });
  if (!document.hidden) begin();
}
