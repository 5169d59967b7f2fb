/** What a site has decided about forwarding: the document that `/api/config` shows, exports and imports. */
export interface Configuration {
  readonly api: readonly CloudEndpoint[];
  readonly filter: SiteFilter;
  readonly upload: Upload;
  readonly publishers: readonly Publisher[];
  /** When stored instances are deleted here; never, if left out. */
  readonly purge?: PurgePolicy;
}

/** An instance is deleted here when it is old enough and its delivery as it is stored is proven. */
export interface PurgePolicy {
  /** Since the instance was stored. */
  readonly afterDays: number;
  /** Names of publishers: each has to have confirmed it. */
  readonly deliveredTo: readonly string[];
}

/** A cloud's HTTP API that takes `multipart/form-data`; publishers of kind `api` name it. */
export interface CloudEndpoint {
  readonly name: string;
  /** Base URL, without a trailing slash. */
  readonly url: string;
  readonly username?: string;
  /** Told in the `Source` header. */
  readonly source: string;
  readonly siteName?: string;
  readonly token?: Secret;
  /** Requests at the same time, 1 to 64. */
  readonly threads: number;
  /** What one computation of the cloud is about: whether results are asked for per instance or per series. */
  readonly computePer: 'instance' | 'series';
  /** `http://host:port` */
  readonly proxy?: string;
  readonly tls?: TlsOptions;
}

export interface TlsOptions {
  /** PEM. The system's certificates, if left out. */
  readonly ca?: string;
  /** PEM of a client certificate. */
  readonly certificate?: string;
  readonly key?: Secret;
}

/**
 * A password, token or key: a text within the house; `{"set": true}` in whatever leaves it. Who writes a configuration
 * sends a text to change it, `{"set": true}` to keep what there is, and leaves it out to remove it.
 */
export type Secret = string;

/** What goes on at all; each publisher narrows it. */
export interface SiteFilter {
  /** In the filter language (docs/filters.md); empty: everything. */
  readonly expression: string;
}

/** How things go out, unless a publisher says otherwise. */
export interface Upload {
  /** Instances a request or association, 1 to 1000. */
  readonly batchSize: number;
  /** Compress to this transfer syntax; as stored, if left out. */
  readonly transferSyntaxUid?: string;
  readonly deidentify: Deidentify;
  /** A series or study is complete when nothing has come for so long. */
  readonly quietSeconds: number;
  /** When things may leave, local time; always, if empty. */
  readonly schedule: readonly TimeSpan[];
  readonly maxBytesPerSecond?: number;
}

export interface Deidentify {
  /** `basic`: PS3.15 Annex E, Basic Application Level Confidentiality Profile. */
  readonly profile: 'none' | 'basic';
  /** Keywords or tags (eight hexadecimal digits) that are emptied or removed as well. */
  readonly alsoRemove: readonly string[];
  /** Keywords or tags that the profile would remove and that stay. */
  readonly keep: readonly string[];
}

/** Of one publisher, instead of that of the site. Nothing that is left out makes it less. */
export interface PublisherDeidentify extends Pick<Deidentify, 'profile'> {
  /** With those of the site, if there is a profile. */
  readonly alsoRemove?: readonly string[];
  /** None, if left out. */
  readonly keep?: readonly string[];
}

/** What differs from `Upload` for one publisher. */
export interface PublisherUpload extends Partial<Omit<Upload, 'deidentify'>> {
  readonly deidentify?: PublisherDeidentify;
}

export interface TimeSpan {
  /** 0 Sunday … 6 Saturday; every day, if empty. */
  readonly days: readonly number[];
  /** `HH:MM`; a span that ends before it begins goes over midnight. */
  readonly from: string;
  readonly till: string;
}

/** A destination, and what goes there in what way. */
export interface Publisher {
  /** Letters, digits, `-` and `_`; never changes, as deliveries are told by it. */
  readonly name: string;
  readonly enabled: boolean;
  /** Narrows the site's filter. Empty: all that it lets through. */
  readonly expression: string;
  /** What comes to rest and goes out as one graph. */
  readonly unit: 'series' | 'study';
  readonly destination: DestinationSettings;
  /** What differs from `upload` for this one. */
  readonly upload: PublisherUpload;
  readonly retries: Retries;
  readonly maxInstancesPerSecond?: number;
  /** Ask the receiver whether it has what was sent, where the kind of destination can tell. */
  readonly confirm: boolean;
  /** Fetch what the receiver makes of it; kinds `api` and `stow`. */
  readonly results?: Results;
}

export interface Retries {
  /** Until the task fails, 1 to 1000. */
  readonly attempts: number;
  readonly firstDelaySeconds: number;
  readonly maxDelaySeconds: number;
}

export interface Results {
  /** Until nothing more is asked for. */
  readonly waitSeconds: number;
  readonly pollSeconds: number;
  /** Names of publishers that get what came back, by their own filters. */
  readonly publishBackTo: readonly string[];
}

export type DestinationSettings =
  | {
      readonly kind: 'dimse';
      /** AE title of a known peer (`/api/peers`), which has address, TLS and transfer syntaxes. */
      readonly peer: string;
      /** Whether a confirmation is a storage commitment; by C-FIND, otherwise. */
      readonly commitment: boolean;
    }
  | {
      readonly kind: 'stow';
      readonly url: string;
      readonly auth: HttpAuth;
      readonly tls?: TlsOptions;
      readonly proxy?: string;
    }
  | { readonly kind: 'api'; readonly endpoint: string }
  | {
      readonly kind: 'bucket';
      /** `s3://bucket/prefix` */
      readonly url: string;
      /** Of an S3-compatible store that is not Amazon's. */
      readonly endpoint?: string;
      readonly region?: string;
      readonly accessKeyId?: string;
      readonly secretAccessKey?: Secret;
    }
  | { readonly kind: 'folder'; readonly path: string }
  | {
      readonly kind: 'hl7';
      readonly host: string;
      readonly port: number;
      readonly tls?: TlsOptions;
      readonly sendingApplication: string;
      readonly sendingFacility: string;
      readonly receivingApplication: string;
      readonly receivingFacility: string;
    }
  | {
      readonly kind: 'webhook';
      readonly url: string;
      readonly auth: HttpAuth;
      /** With which bodies are signed, HMAC-SHA-256. */
      readonly signingKey?: Secret;
      readonly tls?: TlsOptions;
      readonly proxy?: string;
    };

export type HttpAuth =
  | { readonly kind: 'none' }
  | { readonly kind: 'token'; readonly scheme: 'Bearer' | 'Token'; readonly token?: Secret }
  | { readonly kind: 'basic'; readonly username: string; readonly password?: Secret }
  | {
      readonly kind: 'oauth2-client-credentials';
      readonly tokenUrl: string;
      readonly clientId: string;
      readonly clientSecret?: Secret;
      readonly scope?: string;
    };

/** The configuration as it is now. Changes are effective without restart: whoever needs it asks again. */
export interface CurrentConfiguration {
  /** Cheap: kept in memory, fresh within a second of a change by any node. */
  read(): Promise<{ readonly version: number; readonly configuration: Configuration }>;
  /** As it is in the database now, for decisions that are not made again. */
  latest(): Promise<{ readonly version: number; readonly configuration: Configuration }>;
}
