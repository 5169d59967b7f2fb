import { tmpdir } from 'node:os';
import type { ChangeFeed } from '../../changes/change-feed.ts';
import type { ReadPicture } from '../../dicom/native-picture.ts';
import type { Erase } from '../../erase/erase.ts';
import type { Ingest } from '../../ingest/ingest.ts';
import type { SpoolFolder } from '../../kernel/spool-file.ts';
import type { Retrieve } from '../../retrieve/retrieve.ts';
import type { Search } from '../../search/search.ts';
import { countTransaction } from './count-transaction.ts';
import { deleteInstances } from './delete-instances.ts';
import { readChangeFeed, readLatestChange } from './read-change-feed.ts';
import { retrieveBulkdata } from './retrieve-bulkdata.ts';
import { retrieveFrames } from './retrieve-frames.ts';
import { retrieveInstances } from './retrieve-instances.ts';
import { retrieveMetadata } from './retrieve-metadata.ts';
import {
  retrieveInstanceThumbnail,
  retrieveRendered,
  retrieveRenderedFrames,
  retrieveRenderedInstance,
} from './retrieve-rendered.ts';
import { searchTransaction } from './search-transaction.ts';
import { type StoreLimits, storeInstances } from './store-instances.ts';

export interface DicomwebServices {
  /** Folder for bodies that have to be complete before they can be read; that of the system unless given. */
  readonly spoolFolder?: SpoolFolder | undefined;
  readonly ingest: Ingest;
  readonly search: Search;
  readonly retrieve: Retrieve;
  readonly erase: Erase;
  readonly changes: ChangeFeed;
  readonly readPicture: ReadPicture;
}

export interface DicomwebLimits extends StoreLimits {
  /** Matches in one answer to a search, at most. */
  readonly searchLimit: number;
  /** Matches where the request does not say how many. */
  readonly searchDefaultLimit: number;
  /** A client that takes nothing of its stream of changes for so long is dropped. */
  readonly feedStallMs: number;
  /** How long, before an answer begins, each of its instances is tried for whether it can be converted. */
  readonly conversionTrialMs: number;
}

/** Every operation of DICOMweb by its id in the OpenAPI document. */
export function dicomwebOperations(services: DicomwebServices, limits: DicomwebLimits, searchEmptyStatus: 200 | 204) {
  const { ingest, search, retrieve, erase, changes, readPicture } = services;
  const defaults = { limit: Math.min(limits.searchDefaultLimit, limits.searchLimit), maxLimit: limits.searchLimit };
  const searching = { defaults, emptyStatus: searchEmptyStatus };
  const studies = searchTransaction(search, searching, 'study');
  const series = searchTransaction(search, searching, 'series');
  const instances = searchTransaction(search, searching, 'instance');
  const countStudies = countTransaction(search, 'study');
  const countSeries = countTransaction(search, 'series');
  const countInstances = countTransaction(search, 'instance');
  const store = storeInstances(ingest, limits, {
    spoolFolder: services.spoolFolder ?? { path: tmpdir() },
    readPicture,
  });
  const retrieveAll = retrieveInstances(retrieve, limits.conversionTrialMs);
  const metadata = retrieveMetadata(retrieve);
  const rendered = retrieveRendered(retrieve, 'rendered');
  const thumbnail = retrieveRendered(retrieve, 'thumbnail');
  const remove = deleteInstances(erase);
  return {
    searchStudies: studies,
    searchAllSeries: series,
    searchAllInstances: instances,
    searchSeriesOfStudy: series,
    searchInstancesOfStudy: instances,
    searchInstancesOfSeries: instances,
    countStudies,
    countAllSeries: countSeries,
    countAllInstances: countInstances,
    countSeriesOfStudy: countSeries,
    countInstancesOfStudy: countInstances,
    countInstancesOfSeries: countInstances,
    storeInstances: store,
    storeInstancesOfStudy: store,
    retrieveStudy: retrieveAll,
    retrieveSeries: retrieveAll,
    retrieveInstance: retrieveAll,
    retrieveStudyMetadata: metadata,
    retrieveSeriesMetadata: metadata,
    retrieveInstanceMetadata: metadata,
    retrieveFrames: retrieveFrames(retrieve),
    retrieveBulkdata: retrieveBulkdata(retrieve),
    retrieveRenderedStudy: rendered,
    retrieveRenderedSeries: rendered,
    retrieveRenderedInstance: retrieveRenderedInstance(retrieve),
    retrieveRenderedFrame: retrieveRenderedFrames(retrieve),
    retrieveStudyThumbnail: thumbnail,
    retrieveSeriesThumbnail: thumbnail,
    retrieveInstanceThumbnail: retrieveInstanceThumbnail(retrieve),
    retrieveFrameThumbnail: thumbnail,
    deleteStudy: remove,
    deleteSeries: remove,
    deleteInstance: remove,
    readChangeFeed: readChangeFeed(changes, limits.feedStallMs),
    readLatestChange: readLatestChange(changes),
  };
}
