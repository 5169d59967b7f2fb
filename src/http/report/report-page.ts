import { createHash } from 'node:crypto';
import type { DicomJson } from '../../dicom/json-model.ts';
import { type ContentItem, contentEvents } from '../../report/content-items.ts';
import { itemValue, type LinkOf, type ValuePiece } from '../../report/item-value.ts';
import { codeOf } from '../../report/report-attributes.ts';
import { reportHead } from '../../report/report-head.ts';
import { evidenceLinks } from './evidence-links.ts';
import { type Html, html } from './html.ts';

const style =
  'body{font:15px/1.5 sans-serif;color:#222;margin:2em;max-width:60em}header{border-bottom:1px solid #bbb;margin-bottom:1em}' +
  'dl{display:grid;grid-template-columns:max-content 1fr;gap:0 1em}dt,i{color:#555}dd{margin:0}' +
  'h1{font-size:1.5em}h2{font-size:1.1em;margin:1em 0 .2em}section section{margin-left:1.2em}' +
  'small{color:#666}dd,.text{white-space:pre-wrap;overflow-wrap:anywhere;unicode-bidi:plaintext}' +
  ':target{background:#fff3c4}@media print{a{color:inherit}}';

/** Content-Security-Policy of the page: nothing runs, nothing comes from elsewhere, the style is the page's own. */
export const reportPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
  'sandbox',
].join('; ');

/**
 * An SR document as a page of HTML (PS3.18 §8.7.4), piece by piece: whom it is about and its content tree, with
 * references as links.
 * @param baseUrl of the DICOMweb service that the links lead to
 * @throws CausewayError as `contentEvents`
 */
export function* reportPage(dataSet: DicomJson, baseUrl: string): Generator<string, void, void> {
  const linkOf = evidenceLinks(dataSet, baseUrl);
  const title = codeOf(dataSet, '0040A043')?.meaning || 'Structured report';
  const rows = reportHead(dataSet, linkOf).map(
    ({ label, value }) => html`<dt>${label}</dt><dd>${pieces(value)}</dd>
`,
  );
  // Not through the template: quotation marks in the style are no text.
  const styleElement: Html = { markup: `<style>${style}</style>` };
  yield html`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title>
${styleElement}</head><body>
<header><dl>
${rows}</dl></header>
<main>
`.markup;
  for (const { kind, item } of contentEvents(dataSet)) {
    yield (
      kind === 'begin'
        ? opening(item, linkOf)
        : html`</section>
`
    ).markup;
  }
  yield '</main></body></html>\n';
}

function opening(item: ContentItem, linkOf: LinkOf): Html {
  const { position, depth, valueType, relationship, observed } = item;
  const start = html`<section id="item-${position}">`;
  const when = observed === '' ? [] : [html` <small>(observed ${observed})</small>`];
  const how = relationship === '' ? [] : [html`<i>${relationship}:</i> `];
  const title = nameOf(item);
  if (depth === 1) return html`${start}<h1>${title}</h1>${when}`;
  if (valueType === 'CONTAINER') return html`${start}<h2>${how}${title}</h2>${when}`;
  const heading = title.length === 0 ? [] : [html`<b>${title}</b> `];
  return html`${start}${how}${heading}${pieces(itemValue(item, linkOf))}${when}`;
}

function nameOf({ name, kindName }: ContentItem): Html[] {
  if (name?.meaning) {
    return [html`<span title="${[name.value, name.scheme].filter(Boolean).join(', ')}">${name.meaning}</span>`];
  }
  return kindName === '' ? [] : [html`${kindName}`];
}

function pieces(value: readonly ValuePiece[]): Html[] {
  return value.map((piece, at) => html`${at === 0 ? '' : ' '}${pieceOf(piece)}`);
}

function pieceOf(piece: ValuePiece): Html {
  switch (piece.kind) {
    case 'text':
      return piece.title === undefined
        ? html`<span class="text">${piece.text}</span>`
        : html`<span class="text" title="${piece.title}">${piece.text}</span>`;
    case 'note':
      return html`<small>${piece.text}</small>`;
    case 'link':
      return html`<a href="${piece.url}" rel="noreferrer">${piece.text}</a>`;
    case 'item':
      return html`<a href="#item-${piece.position}">see item ${piece.position}</a>`;
  }
}
