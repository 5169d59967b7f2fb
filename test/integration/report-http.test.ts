import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BuiltElement, buildPart10, element, inTagOrder, sequence } from '../support/dicom-builder.ts';
import { splitMultipart, stow } from '../support/multipart-bodies.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const comprehensive3d = '1.2.840.10008.5.1.4.1.1.88.34';
const keyObjects = '1.2.840.10008.5.1.4.1.1.88.59';
const ct = '1.2.840.10008.5.1.4.1.1.2';

let server: TestServer;
let count = 0;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.close());

interface Stored {
  readonly url: string;
  readonly wado: string;
}

async function store(elements: readonly BuiltElement[], sopClass = comprehensive3d): Promise<Stored> {
  count += 1;
  const [study, series, instance] = [`2.25.70.${count}`, `2.25.71.${count}`, `2.25.72.${count}`];
  const head = [
    element('00080016', 'UI', sopClass),
    element('00080018', 'UI', instance),
    element('00100020', 'LO', 'P1'),
    element('0020000D', 'UI', study),
    element('0020000E', 'UI', series),
    ...(elements.some(({ tag }) => tag === '00100010') ? [] : [element('00100010', 'PN', 'Doe^Jane^^Dr.')]),
    ...(elements.some(({ tag }) => tag === '00080005') ? [] : [element('00080005', 'CS', 'ISO_IR 192')]),
  ];
  const answer = await stow(server.web, [buildPart10({ elements: inTagOrder([...head, ...elements]) })]);
  expect(answer.status).toBe(200);
  const uri = `requestType=WADO&studyUID=${study}&seriesUID=${series}&objectUID=${instance}`;
  return {
    url: `${server.web}/studies/${study}/series/${series}/instances/${instance}`,
    wado: `${new URL(server.web).origin}/wado?${uri}`,
  };
}

function code(tag: string, value: string, scheme: string, meaning: string): BuiltElement {
  return sequence(tag, [
    [element('00080100', 'SH', value), element('00080102', 'SH', scheme), element('00080104', 'LO', meaning)],
  ]);
}

function item(
  relationship: string,
  valueType: string,
  name: string,
  ...value: readonly BuiltElement[]
): readonly BuiltElement[] {
  return inTagOrder([
    element('0040A010', 'CS', relationship),
    ...(valueType === '' ? [] : [element('0040A040', 'CS', valueType)]),
    ...(name === '' ? [] : [code('0040A043', 'N1', '99TEST', name)]),
    ...value,
  ]);
}

function report(title: string, ...items: readonly (readonly BuiltElement[])[]): BuiltElement[] {
  return [element('0040A040', 'CS', 'CONTAINER'), code('0040A043', 'T1', '99TEST', title), sequence('0040A730', items)];
}

function reference(uid: string, sopClass = ct, ...more: readonly BuiltElement[]): BuiltElement {
  return sequence('00081199', [
    inTagOrder([element('00081150', 'UI', sopClass), element('00081155', 'UI', uid), ...more]),
  ]);
}

/** The page as people see it: a line for each item. */
async function shown(url: string): Promise<string> {
  const page = await (await fetch(`${url}/rendered`)).text();
  return page
    .replace(/<style>.*?<\/style>/s, '')
    .replace(/<[^>]*>/g, '')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&');
}

const hostile = '<script>alert(1)</script>" onmouseover="alert(2)" \'x\' &amp;';

describe('a structured report', () => {
  it('is a page of text by default, and plain text for who asks', async () => {
    const { url, wado } = await store(
      report('Findings', item('CONTAINS', 'TEXT', 'Comment', element('0040A160', 'UT', 'All well'))),
    );
    const page = await fetch(`${url}/rendered`);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-location')).toBe(`${url}/rendered`);
    expect(await page.text()).toMatch(/^<!DOCTYPE html>[\s\S]*<h1>[\s\S]*Findings[\s\S]*All well[\s\S]*<\/html>\n$/);
    const plain = await fetch(`${url}/rendered`, { headers: { Accept: 'text/plain' } });
    expect(plain.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(await plain.text()).toContain('\n1 Findings\n  1.1 Comment = All well\n');
    const byUri = await fetch(`${wado}&contentType=text/html`);
    expect(byUri.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect((await fetch(wado)).headers.get('content-type')).toMatch(/^application\/dicom/);
    const browser = await fetch(wado, { headers: { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } });
    expect(browser.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const head = await fetch(`${url}/rendered`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  it('is the XML of its data set for who asks for XML', async () => {
    const { url, wado } = await store(
      report('Findings', item('CONTAINS', 'TEXT', 'Comment', element('0040A160', 'UT', 'All < well'))),
    );
    const answer = await fetch(`${url}/rendered`, { headers: { Accept: 'text/xml' } });
    expect(answer.headers.get('content-type')).toBe('text/xml; charset=utf-8');
    const xml = await answer.text();
    const metadata = await fetch(`${url}/metadata`, {
      headers: { Accept: 'multipart/related; type="application/dicom+xml"' },
    });
    const [part] = splitMultipart(
      Buffer.from(await metadata.arrayBuffer()),
      metadata.headers.get('content-type') ?? '',
    );
    expect(xml).toBe(part!.body.toString());
    expect(xml).toContain('<NativeDicomModel');
    expect(xml).toContain('All &lt; well');
    const byUri = await fetch(`${wado}&contentType=text/xml`);
    expect(await byUri.text()).toBe(xml);
  });

  it('comes in parts too, and as nothing else, which is said in words', async () => {
    const { url, wado } = await store(report('Findings'));
    const parts = await fetch(`${url}/rendered`, { headers: { Accept: 'multipart/related; type="text/html"' } });
    expect(parts.headers.get('content-type')).toMatch(/^multipart\/related; ?.*type="text\/html"/);
    const refused = await fetch(`${url}/rendered`, { headers: { Accept: 'image/jpeg' } });
    expect(refused.status).toBe(406);
    expect(((await refused.json()) as { acceptable: string[] }).acceptable).toEqual(
      expect.arrayContaining(['text/html', 'text/plain', 'multipart/related; type="text/html"']),
    );
    const byUri = await fetch(`${wado}&contentType=image/png`);
    expect(((await byUri.json()) as { acceptable: string[] }).acceptable).toEqual(
      expect.arrayContaining(['application/dicom', 'text/html']),
    );
    expect((await fetch(`${wado}&contentType=text/html&rows=5`)).status).toBe(400);
    expect((await fetch(`${url}/thumbnail`)).status).toBe(406);
  });

  it('says who it is about, how far it is and who vouches for it', async () => {
    const { url } = await store([
      element('00081030', 'LO', 'Thorax'),
      element('00100030', 'DA', '19700102'),
      element('00100040', 'CS', 'F'),
      element('0040A491', 'CS', 'PARTIAL'),
      element('0040A492', 'LO', 'Waits for the lab'),
      element('0040A493', 'CS', 'VERIFIED'),
      sequence('0040A073', [
        [
          element('0040A027', 'LO', 'St. Elsewhere'),
          element('0040A030', 'DT', '20240315101314.5+0100'),
          element('0040A075', 'PN', 'Westphall^Donald'),
        ],
      ]),
      ...report('Findings'),
    ]);
    const text = await shown(url);
    expect(text).toContain('PatientDr. Jane Doe');
    expect(text).toContain('Birth date1970-01-02');
    expect(text).toContain('Sexfemale');
    expect(text).toContain('Completion flagPARTIAL Waits for the lab');
    expect(text).toContain('Verification flagVERIFIED');
    expect(text).toContain('Verified by2024-03-15 10:13:14.5 +0100, Donald Westphall, St. Elsewhere');
  });

  it('shows every type of value, with its relationship', async () => {
    const measured = sequence('0040A300', [
      [code('004008EA', 'mm', 'UCUM', 'millimeter'), element('0040A30A', 'DS', '12.50')],
    ]);
    const ratio = sequence('0040A300', [[code('004008EA', '1', 'UCUM', 'no units'), element('0040A30A', 'DS', '0.5')]]);
    const { url } = await store(
      report(
        'Everything',
        item('HAS CONCEPT MOD', 'CODE', 'Language', code('0040A168', 'de', 'RFC5646', 'German')),
        item(
          'CONTAINS',
          'CONTAINER',
          'Group',
          element('0040A032', 'DT', '20240101'),
          sequence('0040A730', [
            item('CONTAINS', 'NUM', 'Length', measured),
            item('CONTAINS', 'NUM', 'Ratio', ratio),
            item(
              'CONTAINS',
              'NUM',
              'Volume',
              sequence('0040A300', []),
              code('0040A301', '114000', 'DCM', 'Not a number'),
            ),
            item(
              'HAS OBS CONTEXT',
              'PNAME',
              'Observer',
              element('0040A123', 'PN', 'Yamada^Tarou=山田^太郎=やまだ^たろう'),
            ),
          ]),
        ),
        item('CONTAINS', 'DATE', 'On', element('0040A121', 'DA', '20240229')),
        item('CONTAINS', 'TIME', 'At', element('0040A122', 'TM', '1013')),
        item('HAS ACQ CONTEXT', 'DATETIME', 'Since', element('0040A120', 'DT', '2024')),
        item('CONTAINS', 'UIDREF', 'Of', element('0040A124', 'UI', '1.2.3.4')),
        item(
          'CONTAINS',
          'WAVEFORM',
          'Beat',
          reference('1.2.5', '1.2.840.10008.5.1.4.1.1.9.1.1', element('0040A0B0', 'US', [1, 2])),
        ),
        item('CONTAINS', 'COMPOSITE', '', reference('1.2.6', '1.2.3.99')),
        item(
          'INFERRED FROM',
          'SCOORD',
          'Outline',
          element('00700022', 'FL', [1, 2.5, 3, 4]),
          element('00700023', 'CS', 'POLYLINE'),
        ),
        item(
          'CONTAINS',
          'SCOORD3D',
          'There',
          element('00700022', 'FL', [7, 8, 9]),
          element('00700023', 'CS', 'POINT'),
          element('30060024', 'UI', '1.2.7'),
        ),
        item('CONTAINS', 'TCOORD', 'When', element('0040A130', 'CS', 'SEGMENT'), element('0040A138', 'DS', '1.5\\2')),
        item('HAS PROPERTIES', '', '', element('0040DB73', 'UL', [1, 2, 1])),
        item('CONTAINS', 'TABLE', 'Later'),
      ),
    );
    const text = await shown(url);
    for (const words of [
      'concept modifier: Language German (de, RFC5646)',
      'Group (observed 2024-01-01)',
      'Length 12.5 mm',
      'Ratio 0.5\n',
      'Volume Not a number (114000, DCM)',
      'observation context: Observer Tarou Yamada = 太郎 山田 = たろう やまだ',
      'On 2024-02-29',
      'At 10:13',
      'acquisition context: Since 2024',
      'Of 1.2.3.4',
      'Beat 12-lead ECG Waveform 1.2.5 channels 1, 2',
      'SOP Class 1.2.3.99 1.2.6',
      'inferred from: Outline polyline 1, 2.5, 3, 4',
      'There point 7, 8, 9 in 1.2.7',
      'When segment 1.5, 2 seconds',
      'property: see item 1.2.1',
      'Later a value of type TABLE, which is not shown here',
    ]) {
      expect(text).toContain(words);
    }
    const page = await (await fetch(`${url}/rendered`)).text();
    expect(page).toContain('<a href="#item-1.2.1">');
    expect(page).toContain('<section id="item-1.2.1">');
  });

  it('leads to the images that its evidence names, below the address that the client used', async () => {
    const evidence = sequence('0040A375', [
      [
        sequence('00081115', [[reference('1.2.8.3'), element('0020000E', 'UI', '1.2.8.2')]]),
        element('0020000D', 'UI', '1.2.8.1'),
      ],
    ]);
    const { url } = await store(
      [
        evidence,
        ...report(
          'Of Interest',
          item('CONTAINS', 'IMAGE', 'Key', reference('1.2.8.3')),
          item('CONTAINS', 'IMAGE', 'Frames', reference('1.2.8.3', ct, element('00081160', 'IS', '2\\5'))),
          item('CONTAINS', 'IMAGE', 'Elsewhere', reference('1.2.9.9')),
        ),
      ],
      keyObjects,
    );
    const page = await (await fetch(`${url}/rendered`)).text();
    const links = [...page.matchAll(/href="(http[^"]*)"/g)].map(([, link]) => link);
    const image = `${server.web}/studies/1.2.8.1/series/1.2.8.2/instances/1.2.8.3`;
    expect(links).toEqual([`${image}/rendered`, `${image}/frames/2/rendered`, `${image}/frames/5/rendered`]);
    expect(page).toContain('1.2.9.9');
  });

  it('runs nothing and breaks out of nothing, whatever its texts are', async () => {
    const { url } = await store([
      element('00100010', 'PN', hostile),
      element('00081030', 'LO', hostile),
      ...report(
        hostile,
        item('CONTAINS', 'TEXT', hostile, element('0040A160', 'UT', hostile)),
        item(hostile, 'CODE', hostile, code('0040A168', '"><b>', "'><b>", hostile)),
        item('CONTAINS', 'IMAGE', '', reference('"><img src=x>', '"><img src=x>')),
        item('CONTAINS', hostile, hostile),
        item('CONTAINS', '', '', element('0040DB73', 'UL', [1, 9])),
      ),
    ]);
    const response = await fetch(`${url}/rendered`);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain('sandbox');
    expect(policy).not.toContain('unsafe');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    const page = await response.text();
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    const tags = new Set([...page.matchAll(/<\/?([a-zA-Z!]+)/g)].map(([, tag]) => tag));
    for (const tag of ['script', 'img', 'b><b']) expect(tags).not.toContain(tag);
    expect(page).not.toMatch(/<[^>]* onmouseover=/);
    expect(page.match(/<b>/g)?.length).toBe(4);
  });

  it('keeps its characters, whatever set they came in', async () => {
    const { url } = await store([
      element('00080005', 'CS', 'ISO_IR 100'),
      ...report(
        'Befund',
        item('CONTAINS', 'TEXT', 'Text', element('0040A160', 'UT', Buffer.from('Gr\xf6\xdfe\r\nzwei', 'latin1'))),
      ),
    ]);
    expect(await shown(url)).toContain('Größe\r\nzwei');
  });

  it('that is too deep or too long is refused by the name of the limit', async () => {
    let deep: readonly BuiltElement[] = item('CONTAINS', 'TEXT', 'Bottom', element('0040A160', 'UT', 'x'));
    for (let level = 0; level < 63; level++) deep = item('CONTAINS', 'CONTAINER', '', sequence('0040A730', [deep]));
    const tooDeep = await fetch(`${(await store(report('Deep', deep))).url}/rendered`);
    expect(tooDeep.status).toBe(406);
    expect(await tooDeep.json()).toMatchObject({
      limit: 'maxReportDepth',
      detail: expect.stringContaining('64 levels'),
    });
    const many = Array.from({ length: 50_000 }, () => [element('0040A040', 'CS', 'TEXT')]);
    const tooLong = await fetch(`${(await store(report('Long', ...many))).url}/rendered`);
    expect(tooLong.status).toBe(406);
    expect(await tooLong.json()).toMatchObject({ limit: 'maxReportItems' });
  });

  it('that is all but empty still has a page', async () => {
    const { url } = await store([]);
    expect(await shown(url)).toContain('Structured report');
  });
});
