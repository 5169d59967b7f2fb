import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** Not needed, or harmful where the viewer is not the only thing on its origin: speech models, maps, service worker, host files. */
const pruned =
  /^(ort|customizations)\/|\.map$|^(_headers|_redirects|serve\.json|sw\.js|init-service-worker\.js|google\.js|oidc-client\.min\.js|silent-refresh\.html)$/;

/** What follows from the place that `index.html` is served at; the server fills in `%base%` and `%dicomweb%`, see src/http/viewer. */
const baseScript = `{
  const { src, dataset } = document.currentScript;
  window.PUBLIC_URL = new URL('.', src).pathname;
  window.causewayDicomweb = new URL(dataset.dicomweb, src).href;
  window.browserImportFunction = (module) => import(module);
  console.time('scriptToView');
}
`;

const appConfig = `window.config = {
  name: 'Causeway',
  routerBasename: null,
  extensions: [],
  modes: [],
  customizationService: {},
  showStudyList: true,
  maxNumberOfWebWorkers: 3,
  showWarningMessageForCrossOrigin: false,
  showCPUFallbackMessage: true,
  showLoadingIndicator: true,
  strictZSpacingForVolumeViewport: true,
  groupEnabledModesFirst: true,
  maxNumRequests: { interaction: 100, thumbnail: 5, prefetch: 25 },
  showErrorDetails: 'always',
  defaultDataSourceName: 'causeway',
  dataSources: [
    {
      namespace: '@ohif/extension-default.dataSourcesModule.dicomweb',
      sourceName: 'causeway',
      configuration: {
        friendlyName: 'Causeway',
        name: 'causeway',
        wadoUriRoot: window.causewayDicomweb,
        qidoRoot: window.causewayDicomweb,
        wadoRoot: window.causewayDicomweb,
        qidoSupportsIncludeField: true,
        imageRendering: 'wadors',
        thumbnailRendering: 'wadors',
        enableStudyLazyLoad: true,
        supportsFuzzyMatching: true,
        supportsWildcard: true,
        singlepart: 'bulkdata,video',
        bulkDataURI: { enabled: true, relativeResolution: 'studies' },
        omitQuotationForMultipartRequest: true,
      },
    },
  ],
};
`;

/** Where absolute paths of the package become relative to wherever it is served. */
const edits = [
  [
    /\.js$/,
    /__webpack_require__\.p = "\/";/g,
    `__webpack_require__.p = self.PUBLIC_URL ?? new URL('.', self.location.href).pathname;`,
  ],
  [/\.js$/, /'\/dicom-microscopy-viewer\//g, `window.PUBLIC_URL + 'dicom-microscopy-viewer/`],
  [/\.css$/, /url\(\//g, 'url('],
  [/(^|\/)manifest\.json$/, /"\/assets\//g, '"assets/'],
  [/^index\.html$/, /<script [^>]*init-service-worker\.js[^>]*><\/script>/g, ''],
  [/^index\.html$/, /<script>[^<]*browserImportFunction[^<]*<\/script>/g, ''],
  [/^index\.html$/, /<script>[^<]*<\/script>/g, '<script src="%base%base.js" data-dicomweb="%dicomweb%"></script>'],
  [/^index\.html$/, /(href|src|content)="\//g, '$1="%base%'],
];

const isText = /\.(js|css|html|json)$/;
const bundleHash = /\.bundle\.([0-9a-f]{16})\.js$/;

/** Changes with every change of the edits above. */
const edition = createHash('sha256')
  .update(readFileSync(new URL(import.meta.url)))
  .digest('hex');

/**
 * Makes of the prebuilt OHIF package one that can be served below any path, and that talks to the DICOMweb beside it.
 * A bundle that is edited must not keep the name that browsers hold for ever: all of them get new hashes.
 * @param {Map<string, Buffer>} packaged files of the npm package by path
 * @returns {Map<string, Buffer>} files to serve by path
 * @throws Error if the package is not built as expected
 */
export function moveViewer(packaged) {
  const kept = [...packaged]
    .filter(([path]) => path.startsWith('dist/'))
    .map(([path, bytes]) => [path.slice('dist/'.length), bytes])
    .filter(([path]) => !pruned.test(path));
  const hashes = new Map(
    kept.flatMap(([path]) => {
      const hash = bundleHash.exec(path)?.[1];
      return hash === undefined
        ? []
        : [
            [
              hash,
              createHash('sha256')
                .update(hash + edition)
                .digest('hex')
                .slice(0, 16),
            ],
          ];
    }),
  );
  if (hashes.size === 0) throw new Error('The package holds no bundles.');
  const anyHash = new RegExp([...hashes.keys()].join('|'), 'g');
  const rename = (text) => text.replace(anyHash, (hash) => hashes.get(hash));

  const unused = new Set(edits);
  const files = new Map();
  for (const [path, bytes] of kept) {
    if (!isText.test(path)) {
      files.set(path, bytes);
      continue;
    }
    let text = rename(bytes.toString());
    for (const edit of edits) {
      const [where, what, instead] = edit;
      if (!where.test(path)) continue;
      const edited = text.replace(what, instead);
      if (edited !== text) unused.delete(edit);
      text = edited;
    }
    files.set(rename(path), Buffer.from(text));
  }
  const [missing] = unused;
  if (missing !== undefined) throw new Error(`The package is not built as expected: nothing in it is ${missing[1]}.`);
  files.set('base.js', Buffer.from(baseScript));
  files.set('app-config.js', Buffer.from(appConfig));
  const licence = packaged.get('LICENSE');
  if (licence === undefined) throw new Error('The package has no LICENSE.');
  files.set('LICENSE.txt', licence);
  return files;
}
