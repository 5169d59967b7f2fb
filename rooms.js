/**
 * The rooms of the house: what each folder of `src/` is for, and which other rooms it may import besides `kernel`.
 * dependency-cruiser enforces this table and the picture in the README is drawn from it.
 */
export const rooms = {
  kernel: { what: 'errors, log, clock, small stream tools; no domain word', imports: [] },
  activity: { what: 'what is happening now, for those who look on', imports: [] },
  dicom: { what: 'pure: bytes in, values out', imports: [], only: ['node:buffer'] },
  blobs: { what: 'BlobStore: filesystem, S3', imports: [] },
  index: { what: 'everything SQL', imports: ['dicom'] },
  imaging: { what: 'decode and render, in workers', imports: ['dicom'] },
  ingest: { what: 'the one door in', imports: ['activity', 'dicom', 'index', 'blobs'] },
  search: { what: 'the one query engine', imports: ['dicom', 'index'] },
  retrieve: { what: 'the one door out', imports: ['dicom', 'index', 'blobs', 'imaging'] },
  erase: { what: 'the one erasure', imports: ['dicom', 'index', 'blobs'] },
  peers: { what: 'who is known, and who may do what', imports: ['index'] },
  commitment: {
    what: 'storage commitment: promises, and who has heard of them',
    imports: ['dicom', 'index', 'search'],
  },
  report: { what: 'SR documents as people read them', imports: ['dicom'] },
  worklist: { what: 'scheduled procedure steps for modalities', imports: ['dicom', 'index'] },
  changes: { what: 'the change feed', imports: ['index', 'retrieve'] },
  dimse: {
    what: 'association, SCP and SCU services',
    imports: ['activity', 'dicom', 'ingest', 'search', 'retrieve', 'erase', 'peers', 'commitment', 'worklist'],
  },
  library: {
    what: '`causeway/dimse`: what other programs import',
    imports: ['dicom', 'imaging', 'ingest', 'retrieve', 'peers', 'commitment', 'dimse'],
  },
  bridge: {
    what: 'the services over what a DIMSE peer has',
    imports: ['dicom', 'index', 'ingest', 'search', 'retrieve', 'erase', 'peers', 'dimse'],
  },
  publisher: {
    what: 'what goes on to other places, and what comes back',
    imports: ['activity', 'dicom', 'index', 'blobs', 'ingest', 'retrieve', 'erase', 'peers', 'dimse', 'report'],
  },
  http: {
    what: 'Express: DICOMweb, health, metrics',
    imports: [
      'activity',
      'dicom',
      'ingest',
      'search',
      'retrieve',
      'erase',
      'changes',
      'peers',
      'worklist',
      'bridge',
      'report',
      'publisher',
    ],
  },
  ui: { what: 'the page: React, in the browser; types of the API only', imports: [], kernel: false },
  cli: {
    what: 'one file a command',
    imports: ['added-peers', 'compose', 'config', 'main', 'dicom', 'ingest', 'retrieve', 'dimse', 'peers', 'library'],
  },
};

/** npm packages (or node modules) that only one place may import. */
export const exclusive = {
  acorn: 'src/publisher/filter-language',
  ajv: 'src/http',
  express: 'src/http',
  'express-openapi-validator': 'src/http',
  knex: 'src/index',
  pg: 'src/index',
  worker_threads: 'src/imaging',
  sharp: 'src/imaging/worker',
  'dcmjs-codecs': 'src/imaging/worker',
  '@cornerstonejs/codec-charls': 'src/imaging/worker',
  '@cornerstonejs/codec-openjph': 'src/imaging/worker',
  dcmjs: 'src/dicom',
  '@aws-sdk/client-s3': 'src/blobs',
  '@aws-sdk/lib-storage': 'src/blobs',
  yauzl: 'src/kernel',
  'cli-progress': 'src/cli',
  winston: 'src/kernel',
  undici: 'src/publisher/destinations',
};
