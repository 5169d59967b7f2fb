import type {
  CloudEndpoint,
  Configuration,
  Deidentify,
  DestinationSettings,
  HttpAuth,
  Publisher,
  Results,
  Retries,
  TimeSpan,
  Upload,
} from './configuration.ts';

/** What may be left out of a document, and holds all the same. The OpenAPI document says the same. */
type Given<T> = T extends readonly (infer Item)[]
  ? readonly Given<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]?: Given<T[Key]> | undefined }
    : T;

/** A document that is valid by the OpenAPI document, with nothing left out that has a default. */
export function completeConfiguration(document: unknown): Configuration {
  const given = (document ?? {}) as Given<Configuration>;
  return {
    ...given,
    api: (given.api ?? []).map(completeEndpoint),
    filter: { expression: given.filter?.expression ?? '' },
    upload: completeUpload(given.upload ?? {}),
    publishers: (given.publishers ?? []).map(completePublisher),
  } as Configuration;
}

function completeEndpoint(given: Given<CloudEndpoint>): CloudEndpoint {
  return { threads: 5, computePer: 'series', ...given } as CloudEndpoint;
}

function completeUpload(given: Given<Upload>): Upload {
  const { deidentify, schedule, ...rest } = given;
  return {
    batchSize: 32,
    quietSeconds: 20,
    ...rest,
    deidentify: completeDeidentify(deidentify ?? {}),
    schedule: (schedule ?? []).map(completeSpan),
  } as Upload;
}

function completeDeidentify(given: Given<Deidentify>): Deidentify {
  return { profile: 'none', alsoRemove: [], keep: [], ...given } as Deidentify;
}

function completeSpan(given: Given<TimeSpan>): TimeSpan {
  return { days: [], ...given } as TimeSpan;
}

function completePublisher(given: Given<Publisher>): Publisher {
  const { schedule, ...upload } = given.upload ?? {};
  return {
    enabled: true,
    expression: '',
    unit: 'series',
    confirm: true,
    ...given,
    destination: completeDestination(given.destination as Given<DestinationSettings>),
    upload: {
      ...upload,
      ...(schedule && { schedule: schedule.map(completeSpan) }),
    },
    retries: { attempts: 20, firstDelaySeconds: 5, maxDelaySeconds: 900, ...given.retries } as Retries,
    ...(given.results && {
      results: { waitSeconds: 86_400, pollSeconds: 30, publishBackTo: [], ...given.results } as Results,
    }),
  } as Publisher;
}

function completeDestination(given: Given<DestinationSettings>): DestinationSettings {
  if (given.kind === 'dimse') return { commitment: true, ...given } as DestinationSettings;
  if (given.kind !== 'stow' && given.kind !== 'webhook') return given as DestinationSettings;
  const auth = given.auth?.kind === 'token' ? { scheme: 'Bearer', ...given.auth } : (given.auth ?? { kind: 'none' });
  return { ...given, auth: auth as HttpAuth } as DestinationSettings;
}
