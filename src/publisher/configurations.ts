import type { ConfigurationVersion } from '../index/configuration-store.ts';
import type { Configuration, CurrentConfiguration } from './configuration.ts';

export type { ConfigurationVersion } from '../index/configuration-store.ts';

/** A version of the configuration, with `{"set": true}` in the places of secrets. */
export interface ConfigurationDocument extends ConfigurationVersion {
  readonly configuration: unknown;
}

/** Who changes it, and why. */
export interface Authorship {
  readonly by: string;
  readonly comment: string;
  /** The version that is to be replaced: `precondition-failed` if another is there by now. Whichever is there, if left out. */
  readonly expected?: number;
}

/**
 * The configuration and all its versions. Documents that are given are valid by the OpenAPI document; what they leave
 * out has its default. All that write throw CausewayError `bad-request` with `errors` for
 * what refers to nothing.
 */
export interface Configurations extends CurrentConfiguration {
  document(): Promise<ConfigurationDocument>;
  put(document: unknown, authorship: Authorship): Promise<ConfigurationDocument>;
  versions(
    limit: number,
    offset: number,
  ): Promise<{ readonly items: readonly ConfigurationVersion[]; readonly total: number }>;
  /** @throws CausewayError `not-found` */
  version(version: number): Promise<ConfigurationDocument>;
  /** @throws CausewayError `not-found` */
  restore(version: number, authorship: Authorship): Promise<ConfigurationDocument>;
  /** As `put`, but secrets that are to be kept and are not there are left out. @returns JSON Pointers to those as well */
  import(
    document: unknown,
    authorship: Authorship,
  ): Promise<ConfigurationDocument & { readonly missingSecrets: readonly string[] }>;
  /** What the configuration would be if the document were put, secrets of the one that is there in their places. */
  draft(document: unknown): Promise<Configuration>;
}
