import { dictionaryEntry, resolveVr } from '../dicom/dictionary.ts';
import type { Vr } from '../dicom/json-model.ts';
import type { QueryLevel } from '../dicom/query.ts';
import { namedAttribute } from '../dicom/query-attribute.ts';
import { levelOf } from '../dicom/query-levels.ts';
import { type ExtendedTag, type ExtendedTagError, extendedKind, type NewExtendedTag } from '../index/extended-tag.ts';
import type { ExtendedTagStore, ReindexOperation } from '../index/extended-tag-store.ts';
import { indexedAttribute } from '../index/indexed-attributes.ts';
import { CausewayError } from '../kernel/errors.ts';

export type { ExtendedTag, ExtendedTagError } from '../index/extended-tag.ts';

/** A tag as an administrator asks for it, unchecked. */
export interface AskedTag {
  readonly path: string;
  /** Need not be given where the dictionary knows it. */
  readonly vr?: string | undefined;
  readonly level: string;
  readonly privateCreator?: string | undefined;
}

/** Attributes that an administrator makes searchable while the house runs. */
export interface ExtendedQueryTags {
  all(): Promise<readonly ExtendedTag[]>;
  /** @param path a tag or keyword @throws CausewayError `bad-request`, `not-found` */
  get(path: string): Promise<ExtendedTag>;
  /**
   * Adds all of them or none. Instances that come from now on are found by them, those stored before as they are read.
   * @returns id of the operation that reads them
   * @throws CausewayError `bad-request` with what is wrong, `conflict` if one is searchable already
   */
  add(asked: readonly AskedTag[]): Promise<string>;
  /** @throws CausewayError `bad-request`, `not-found` */
  delete(path: string): Promise<void>;
  /**
   * Whether searches use the tag; its values are kept and go on being written.
   * @param queryStatus `Enabled` or `Disabled` @throws CausewayError `bad-request`, `not-found`
   */
  setQueryStatus(path: string, queryStatus: string): Promise<ExtendedTag>;
  /** Values that are not found by the tag, in the order in which they were met. @throws CausewayError `bad-request`, `not-found` */
  errors(path: string, page: { readonly limit: number; readonly offset: number }): Promise<readonly ExtendedTagError[]>;
  /** Numbers of such values, by the ids of tags that have some. */
  errorCounts(tags: readonly ExtendedTag[]): Promise<ReadonlyMap<number, number>>;
  /** @throws CausewayError `not-found` */
  operation(id: string): Promise<ReindexOperation>;
}

export function createExtendedQueryTags(store: ExtendedTagStore): ExtendedQueryTags {
  async function get(path: string): Promise<ExtendedTag> {
    const tag = tagOf(path);
    const found = (await store.tags()).find((one) => one.path === tag);
    if (found === undefined) throw noSuchTag(tag);
    return found;
  }
  return {
    all: () => store.tags(),
    get,
    async add(asked) {
      if (asked.length === 0) throw refused('The list holds no tag.');
      const tags = asked.map(checked);
      const twice = tags.find(({ path }, at) => tags.findIndex((one) => one.path === path) !== at);
      if (twice !== undefined) throw refused(`${twice.path} is in the list twice.`, twice.path);
      return store.add(tags);
    },
    async delete(path) {
      const tag = tagOf(path);
      if (!(await store.delete(tag))) throw noSuchTag(tag);
    },
    async setQueryStatus(path, queryStatus) {
      const tag = tagOf(path);
      const status = queryStatus.trim().toLowerCase();
      if (status !== 'enabled' && status !== 'disabled') throw refused('QueryStatus is Enabled or Disabled.', tag);
      if (!(await store.enableQueries(tag, status === 'enabled'))) throw noSuchTag(tag);
      return get(tag);
    },
    errors: async (path, page) => store.errors((await get(path)).id, page),
    async errorCounts(tags) {
      const erroneous = tags.filter(({ hasErrors }) => hasErrors);
      return erroneous.length === 0 ? new Map() : store.errorCounts(erroneous.map(({ id }) => id));
    },
    async operation(id) {
      const found = await store.operation(id);
      if (found === undefined) throw new CausewayError('not-found', 'There is no operation with this id.');
      return found;
    },
  };
}

function tagOf(text: string): string {
  const { path } = namedAttribute(text, 'path');
  const [tag, inner] = path;
  if (inner !== undefined) throw refused(`${text} lies within a sequence, which cannot be indexed.`);
  return tag;
}

function checked({ path: text, vr: askedVr, level: askedLevel, privateCreator }: AskedTag): NewExtendedTag {
  const path = tagOf(text);
  if (indexedAttribute(path) !== undefined) {
    throw new CausewayError('conflict', `${path} is searchable already.`, { details: { tag: path } });
  }
  const creator = checkedCreator(path, privateCreator);
  const vr = checkedVr(path, askedVr?.trim().toUpperCase());
  if (extendedKind(vr) === undefined) throw refused(`${path}: attributes of VR ${vr} cannot be searched for.`, path);
  return { path, vr, level: checkedLevel(path, askedLevel), ...(creator !== undefined && { privateCreator: creator }) };
}

function checkedCreator(path: string, creator: string | undefined): string | undefined {
  const isPrivate = Number.parseInt(path.charAt(3), 16) % 2 === 1;
  const asked = creator?.trim() || undefined;
  if (!isPrivate) {
    if (asked !== undefined) throw refused(`${path} is not private, so it has no PrivateCreator.`, path);
    return undefined;
  }
  if (asked === undefined) throw refused(`${path} is private: say whose it is by PrivateCreator.`, path);
  if (!/^[^\\\p{Cc}]{1,64}$/u.test(asked)) throw refused(`${path}: PrivateCreator has 1 to 64 characters.`, path);
  if (!/^....[1-9A-F][0-9A-F]/.test(path)) throw refused(`${path} is no attribute of a private block.`, path);
  return asked;
}

function checkedVr(path: string, asked: string | undefined): Vr {
  const entry = dictionaryEntry(path)?.vr;
  const known = entry === undefined || entry === 'NONE' ? undefined : resolveVr(entry, { implicitVr: false });
  if (known !== undefined) {
    if (asked !== undefined && asked !== known) throw refused(`${path} has the VR ${known}, not what is given.`, path);
    return known;
  }
  if (asked === undefined) throw refused(`${path} is not in the dictionary: give its VR.`, path);
  if (extendedKind(asked as Vr) === undefined) throw refused(`${path}: the VR is none that can be searched for.`, path);
  return asked as Vr;
}

const depths: Readonly<Record<QueryLevel, number>> = { study: 0, series: 1, instance: 2 };

function isLevel(text: string): text is QueryLevel {
  return Object.hasOwn(depths, text);
}

/** An attribute of a study may also be kept by instance; one that differs from instance to instance has no value of its study. */
function checkedLevel(path: string, asked: string): QueryLevel {
  const level = asked.trim().toLowerCase();
  if (!isLevel(level)) throw refused(`${path}: Level is Study, Series or Instance.`, path);
  const entity = levelOf(path);
  const own = entity === 'patient' ? 'study' : entity;
  if (level !== own && level !== 'instance') {
    const fitting = own === 'instance' ? 'Instance' : `${own === 'study' ? 'Study' : 'Series'} or Instance`;
    throw refused(`${path} does not belong to the ${level}: its Level is ${fitting}.`, path);
  }
  return level;
}

function noSuchTag(tag: string): CausewayError {
  return new CausewayError('not-found', `${tag} is no extended query tag.`, { details: { tag } });
}

function refused(message: string, tag?: string): CausewayError {
  return new CausewayError('bad-request', message, { details: tag === undefined ? {} : { tag } });
}
