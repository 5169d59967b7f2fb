import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import axe from 'axe-core';
import type { BrowserContext, Page } from 'playwright-core';

/** Builds the web page, unless what is in `dist/ui` is newer than its sources. */
export function buildPage(): void {
  const script = resolve(import.meta.dirname, '../../scripts/page.mjs');
  const { status, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the page was not built: ${stderr}`);
}

/** A page of the browser, and everything that went wrong on it. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors on the console, in scripts, and of requests. Answers that a test asks for are taken off by it. */
  readonly errors: string[];
}

export async function watchedPage(context: BrowserContext): Promise<WatchedPage> {
  const page = await context.newPage();
  // On two cores that others use too, a condition may take long to come true.
  page.setDefaultTimeout(60_000);
  const errors: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') {
      errors.push(`console: ${message.text()} (${message.location().url})`);
    }
  });
  page.on('pageerror', (error) => errors.push(`script: ${error.message}`));
  return { page, errors };
}

const rulesOf = {
  all: `{ type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }`,
  // What depends on colours and sizes.
  looks: `{ type: 'rule', values: ['color-contrast', 'link-in-text-block', 'target-size', 'scrollable-region-focusable'] }`,
} as const;

/** Violations that keep people out, in the words of axe; as the page is now. */
export async function seriousViolations(page: Page, rules: keyof typeof rulesOf): Promise<string[]> {
  // By the debugger: the page's own policy lets nobody put scripts into it.
  if (!(await page.evaluate<boolean>(`'axe' in window`))) await page.evaluate(`(() => { ${axe.source} })()`);
  const { violations } = await page.evaluate<axe.AxeResults>(
    `axe.run(document, { resultTypes: ['violations'], runOnly: ${rulesOf[rules]} })`,
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) =>
      nodes.slice(0, 3).map(({ html, failureSummary = '' }) => `${id}: ${help}: ${html} ${failureSummary}`),
    );
}
