// node bench/against-orthanc.mjs [store] [large] [web] [retrieve] – Causeway next to Debian's Orthanc (PostgreSQL index), both fresh, in one run.
import { once } from 'node:events';
import { createReadStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  filesOf,
  peakMegabytes,
  retrieveStudy,
  startCauseway,
  startDestination,
  startOrthanc,
  storescu,
} from './peers.mjs';
import { uidOf, writeCtSeries, writeMultiFrame, writeStudies } from './synthetic-ct.mjs';

const sections = process.argv.slice(2);
const wants = (section) => sections.length === 0 || sections.includes(section);
const dir = mkdtempSync(join(tmpdir(), 'causeway-bench-'));
const slices = 300;
const frameType = 'multipart/related; type=application/octet-stream; transfer-syntax=*';

/** One STOW-RS request that streams all files. @returns seconds */
async function stow(peer, files) {
  const start = performance.now();
  const boundary = 'causeway-bench';
  const outgoing = request(`${peer.web}/studies`, {
    method: 'POST',
    headers: {
      'Content-Type': `multipart/related; type="application/dicom"; boundary=${boundary}`,
      Accept: 'application/dicom+json',
    },
  });
  const answered = once(outgoing, 'response');
  for (const file of files) {
    outgoing.write(`--${boundary}\r\nContent-Type: application/dicom\r\n\r\n`);
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
      if (!outgoing.write(chunk)) await once(outgoing, 'drain');
    }
    outgoing.write('\r\n');
  }
  outgoing.end(`--${boundary}--\r\n`);
  const [answer] = await answered;
  let body = '';
  for await (const chunk of answer) body += chunk;
  if (answer.statusCode !== 200) throw new Error(`STOW to ${peer.name}: ${answer.statusCode} ${body.slice(0, 300)}`);
  return (performance.now() - start) / 1000;
}

/** @returns milliseconds to the first byte of the body and to its end */
async function get(url, accept) {
  const start = performance.now();
  const outgoing = request(url, { headers: { Accept: accept } });
  outgoing.end();
  const [answer] = await once(outgoing, 'response');
  let firstMs;
  let size = 0;
  for await (const chunk of answer) {
    firstMs ??= performance.now() - start;
    size += chunk.length;
  }
  if (answer.statusCode !== 200) throw new Error(`GET ${url}: ${answer.statusCode}`);
  return { firstMs, totalMs: performance.now() - start, size };
}

async function median(times, measure) {
  const values = [];
  for (let at = 0; at < times; at++) values.push(await measure());
  return values.sort((a, b) => a - b)[Math.floor(times / 2)];
}

function report(what, unit, ours, theirs, moreIsBetter, aim) {
  const ratio = moreIsBetter ? ours / theirs : theirs / ours;
  const round = (value) => (value < 10 ? value.toFixed(2) : value.toFixed(0));
  console.log(
    `${what.padEnd(52)} ${round(ours).padStart(8)} ${round(theirs).padStart(8)} ${unit.padEnd(6)} ${ratio.toFixed(1).padStart(6)}×  (aim ${aim}×)`,
  );
}

async function withBoth(name, work, options) {
  const results = {};
  for (const start of [startCauseway, startOrthanc]) {
    const peer = await start(join(dir, `${name}-${start.name}`), options);
    try {
      results[peer.name] = await work(peer);
    } finally {
      await peer.stop();
    }
  }
  return [results.causeway, results.orthanc];
}

async function benchStore() {
  const four = [0, 1, 2, 3].map((at) => join(dir, `four-${at}`));
  const files = writeCtSeries({ folders: four, slices, size: 512, study: 'four' });
  const one = join(dir, 'one');
  writeCtSeries({ folders: [one], slices, size: 512, study: 'one' });
  const stowFiles = writeCtSeries({ folders: [join(dir, 'stow')], slices, size: 512, study: 'stow' });
  const warm = join(dir, 'warm');
  writeCtSeries({ folders: [warm], slices: 20, size: 512, study: 'warm' });
  const measure = async (peer) => {
    await storescu(peer, [warm]);
    const rates = {
      four: slices / (await storescu(peer, four)),
      one: slices / (await storescu(peer, [one])),
      stow: slices / (await stow(peer, stowFiles)),
    };
    return { ...rates, peak: peakMegabytes(peer.pid) };
  };
  const [ours, theirs] = await withBoth('store', measure);
  report(`C-STORE, four associations, ${files.length} CT slices of 512²`, 'inst/s', ours.four, theirs.four, true, 5);
  report('C-STORE, one association', 'inst/s', ours.one, theirs.one, true, 3);
  report('STOW-RS, one request', 'inst/s', ours.stow, theirs.stow, true, 4);
  report('peak memory of the server', 'MB', ours.peak, theirs.peak, false, 'below 250 MB; any ');
}

async function benchLarge() {
  const folder = join(dir, 'large');
  writeCtSeries({ folders: [folder], slices: 0, size: 1 });
  const file = join(folder, 'large.dcm');
  writeMultiFrame({ file, study: 'large', frames: 4096, size: 512 });
  const gigabytes = statSync(file).size / 1e9;
  for (const door of ['C-STORE', 'STOW-RS']) {
    const peer = await startCauseway(join(dir, `large-${door}`), { nodeOptions: '--max-old-space-size=256' });
    const seconds = door === 'C-STORE' ? await storescu(peer, [folder]) : await stow(peer, filesOf(folder));
    console.log(
      `one object of ${gigabytes.toFixed(2)} GB by ${door}, 256 MB heap: ${seconds.toFixed(1)} s, peak memory ${peakMegabytes(peer.pid).toFixed(0)} MB`,
    );
    await peer.stop();
  }
}

async function benchWeb() {
  const ct = join(dir, 'web-ct');
  writeCtSeries({ folders: [ct], slices, size: 512, study: 'web' });
  const large = join(dir, 'web-mf');
  writeCtSeries({ folders: [large], slices: 0, size: 1 });
  writeMultiFrame({ file: join(large, 'mf.dcm'), study: 'mf', frames: 100, size: 512 });
  const list = join(dir, 'web-list');
  writeStudies({ folder: list, count: 10_000 });
  const measure = async (peer) => {
    await storescu(peer, [ct, large]);
    const series = `${peer.web}/studies/${uidOf('web')}/series/${uidOf('web/ct')}`;
    const instance = (at) => `${series}/instances/${uidOf(`web/ct/${at}`)}`;
    const multiFrame = `${peer.web}/studies/${uidOf('mf')}/series/${uidOf('mf/mf')}/instances/${uidOf('mf/mf/1')}`;
    const metadata = await median(7, async () => (await get(`${series}/metadata`, 'application/dicom+json')).firstMs);
    let next = 1;
    const frame = await median(25, async () => (await get(`${multiFrame}/frames/${next++}`, frameType)).totalMs);
    next = 1;
    const jpeg = await median(25, async () => (await get(`${instance(next++)}/rendered`, 'image/jpeg')).totalMs);
    next = 101;
    const png = await median(25, async () => (await get(`${instance(next++)}/rendered`, 'image/png')).totalMs);
    await storescu(peer, [list]);
    const query = 'limit=101&offset=0&fuzzymatching=true&includefield=00081030%2C00080060%2C00080090%2C00100030';
    const studies = await median(
      9,
      async () => (await get(`${peer.web}/studies?${query}`, 'application/dicom+json')).totalMs,
    );
    const named = await median(
      9,
      async () => (await get(`${peer.web}/studies?${query}&PatientName=*ient77*`, 'application/dicom+json')).totalMs,
    );
    return { metadata, frame, jpeg, png, studies, named };
  };
  const [ours, theirs] = await withBoth('web', measure);
  report('metadata of 300 slices, to the first byte', 'ms', ours.metadata, theirs.metadata, false, 30);
  report('OHIF’s study list over 10,000 studies', 'ms', ours.studies, theirs.studies, false, 30);
  report('the same with part of a name', 'ms', ours.named, theirs.named, false, 30);
  report('a frame of a 100-frame object', 'ms', ours.frame, theirs.frame, false, 20);
  report('rendered CT as JPEG', 'ms', ours.jpeg, theirs.jpeg, false, 1.3);
  report('rendered CT as PNG', 'ms', ours.png, theirs.png, false, 4);
}

async function benchRetrieve() {
  const ct = join(dir, 'retrieve-ct');
  writeCtSeries({ folders: [ct], slices, size: 512, study: 'retrieve' });
  const destination = await startDestination();
  const measure = async (peer) => {
    await storescu(peer, [ct]);
    const rate = (program) => median(3, async () => slices / retrieveStudy(peer, program, uidOf('retrieve')));
    return { move: await rate('movescu'), get: await rate('getscu') };
  };
  try {
    const [ours, theirs] = await withBoth('retrieve', measure, { destinationPort: destination.port });
    report(`C-MOVE of ${slices} CT slices`, 'inst/s', ours.move, theirs.move, true, 1);
    report(`C-GET of ${slices} CT slices`, 'inst/s', ours.get, theirs.get, true, 1);
  } finally {
    await destination.stop();
  }
}

console.log(`${''.padEnd(52)} ${'causeway'.padStart(8)} ${'orthanc'.padStart(8)}`);
try {
  if (wants('store')) await benchStore();
  if (wants('large')) await benchLarge();
  if (wants('web')) await benchWeb();
  if (wants('retrieve')) await benchRetrieve();
} finally {
  rmSync(dir, { recursive: true, force: true });
}
