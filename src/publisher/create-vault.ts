import { randomBytes } from 'node:crypto';
import { createDataSetRestorer, type DataSetRestorer, isWritable } from '../dicom/data-set-restorer.ts';
import { encodeFileHeader } from '../dicom/file-meta.ts';
import type { DicomJson } from '../dicom/json-model.ts';
import { profileExceptions } from '../dicom/profile-exceptions.ts';
import { shiftedDate } from '../dicom/shifted-date.ts';
import { transferSyntaxUids } from '../dicom/transfer-syntaxes.ts';
import { uuidOfUid } from '../dicom/uuid-uid.ts';
import type { Index, IndexTarget } from '../index/instance-index.ts';
import { attributesOfMetadata } from '../index/stored-metadata.ts';
import type { VaultStore } from '../index/vault-store.ts';
import { createBoundedCache } from '../kernel/bounded-cache.ts';
import type { Clock } from '../kernel/clock.ts';
import { CausewayError } from '../kernel/errors.ts';
import type { Sealing } from '../kernel/sealing.ts';
import { deidentifiedFile } from '../retrieve/deidentified-file.ts';
import { instanceUidIn } from '../retrieve/lossy-derivation.ts';
import type { Retrieve } from '../retrieve/retrieve.ts';
import { createUidPseudonyms } from '../retrieve/uid-pseudonyms.ts';
import { restoredText, uidsIn } from './restored-text.ts';
import type { Vault } from './vault.ts';
import {
  identityOf,
  isMoved,
  keptOf,
  movedDates,
  movedDays,
  patientOf,
  type StudyRecord,
  studyRecord,
} from './vault-pseudonyms.ts';

export interface VaultParts {
  readonly store: VaultStore;
  readonly sealing: Sealing;
  readonly index: Pick<Index, 'metadata'>;
  readonly retrieve: Pick<Retrieve, 'deidentification'>;
  readonly clock: Clock;
}

/** What of a file that came back may stand in front of its Study Instance UID. */
const maxHeadBytes = 16_777_216;
/** Memory for what is known to be in the database, bytes. */
const cacheBytes = 8_388_608;
const uidBytes = 200;
const dayMs = 86_400_000;
/** What stands for a day that cannot be moved, and for those that the profile does not move. */
const noDay = '19000101';

export function createVault({ store, sealing, index, retrieve, clock }: VaultParts): Vault {
  const keys = new Map<string, Buffer>();
  const kept = createBoundedCache<true>(cacheBytes);
  const studies = createBoundedCache<StudyRecord>(cacheBytes);

  async function keyOf(publisher: string): Promise<Buffer> {
    const about = `key of ${publisher}`;
    const known = keys.get(publisher);
    if (known !== undefined) return known;
    const sealed =
      (await store.key(publisher)) ?? (await store.keepKey(publisher, await sealing.seal(randomBytes(32), about)));
    const key = await sealing.open(sealed, about);
    keys.set(publisher, key);
    return key;
  }

  async function attributesOf(target: IndexTarget): Promise<DicomJson | undefined> {
    for await (const { metadata } of index.metadata(target)) return attributesOfMetadata(metadata);
    return undefined;
  }

  async function recordOf(publisher: string, pseudonym: string): Promise<StudyRecord | undefined> {
    const cacheKey = `${publisher} ${pseudonym}`;
    const known = studies.get(cacheKey);
    if (known !== undefined) return known;
    const uuid = uuidOfUid(pseudonym);
    const sealed = uuid === undefined ? undefined : await store.study(publisher, uuid);
    return sealed === undefined ? undefined : remembered(publisher, pseudonym, sealed);
  }

  async function remembered(publisher: string, pseudonym: string, sealed: Buffer): Promise<StudyRecord> {
    const text = (await sealing.open(sealed, studyOf(publisher, pseudonym))).toString();
    const record = JSON.parse(text) as StudyRecord;
    studies.set(`${publisher} ${pseudonym}`, record, text.length * 3);
    return record;
  }

  /** Of a study that is sent for the first time, made of the instance at hand; else what it was then. */
  async function recordFor(
    publisher: string,
    key: Buffer,
    pseudonym: string,
    target: Required<IndexTarget>,
    keep: readonly string[],
  ) {
    const known = await recordOf(publisher, pseudonym);
    if (known !== undefined) return known;
    const attributes = await attributesOf(target);
    if (attributes === undefined) throw new CausewayError('gone', 'The instance was deleted just now.');
    const made = JSON.stringify(studyRecord(key, target.studyInstanceUid, attributes, keep));
    const sealed = await sealing.seal(Buffer.from(made), studyOf(publisher, pseudonym));
    return remembered(publisher, pseudonym, await store.keepStudy(publisher, uuidOfUid(pseudonym)!, sealed));
  }

  /** @param uids originals by their pseudonyms; emptied when they are durable */
  async function keepUids(publisher: string, uids: Map<string, string>): Promise<void> {
    const fresh = [...uids].filter(([pseudonym]) => kept.get(`${publisher} ${pseudonym}`) === undefined);
    uids.clear();
    if (fresh.length === 0) return;
    const sealed = fresh.map(async ([pseudonym, original]) => ({
      pseudonym: uuidOfUid(pseudonym)!,
      sealed: await sealing.seal(Buffer.from(original, 'latin1'), uidOf(publisher, pseudonym)),
    }));
    await store.keepUids(publisher, await Promise.all(sealed));
    for (const [pseudonym] of fresh) kept.set(`${publisher} ${pseudonym}`, true, uidBytes);
  }

  async function originals(publisher: string, uids: Iterable<string>): Promise<Map<string, string>> {
    const byUuid = new Map([...uids].flatMap((uid) => (uuidOfUid(uid) === undefined ? [] : [[uuidOfUid(uid)!, uid]])));
    if (byUuid.size === 0) return new Map();
    const found = await store.uids(publisher, [...byUuid.keys()]);
    const opened = found.map(async ({ pseudonym, sealed }): Promise<[string, string]> => {
      const uid = byUuid.get(pseudonym)!;
      return [uid, (await sealing.open(sealed, uidOf(publisher, uid))).toString('latin1')];
    });
    return new Map(await Promise.all(opened));
  }

  /** The patient as he is known by now, if the study is still here. */
  async function identityFor({ studyInstanceUid, identity }: StudyRecord): Promise<DicomJson> {
    const current = await attributesOf({ studyInstanceUid });
    return current === undefined ? identity : identityOf(current);
  }

  async function* restored(
    publisher: string,
    content: AsyncIterable<Uint8Array>,
  ): AsyncGenerator<Uint8Array, void, void> {
    const known = new Map<string, string>();
    let asked = new Set<string>();
    // Goes ahead by a chunk, and is asked for nothing but the names in it.
    const ahead = createDataSetRestorer({
      restoreUid: (uid) => {
        if (!known.has(uid)) asked.add(uid);
        return uid;
      },
      restoreDate: (date) => date,
      identity: {},
      characterSet: [],
    });
    const lookUp = async () => {
      const uids = asked;
      asked = new Set();
      for (const [uid, original] of await originals(publisher, uids)) known.set(uid, original);
    };
    const begin = async (): Promise<{ restorer: DataSetRestorer; header: Buffer }> => {
      await lookUp();
      const { studyInstanceUid, sopClassUid, sopInstanceUid, transferSyntaxUid } = ahead.identity;
      const record = studyInstanceUid === undefined ? undefined : await recordOf(publisher, studyInstanceUid);
      if (record === undefined) throw unknownStudy(publisher);
      if (sopClassUid === undefined || sopInstanceUid === undefined) {
        throw new CausewayError('attribute-missing', 'What came back does not say which instance it is.');
      }
      const today = new Date(clock.now().getTime() + dayMs).toISOString().slice(0, 10).replaceAll('-', '');
      const identity = await identityFor(record);
      const { characterSet } = ahead;
      const restorer = createDataSetRestorer({
        restoreUid: (uid) => known.get(uid) ?? uid,
        restoreDate: (date, tag) => {
          if (date === noDay || !isMoved(tag, record)) return date;
          const before = shiftedDate(date, -record.days);
          return before > today ? date : before;
        },
        identity,
        characterSet: isWritable(identity, characterSet) ? characterSet : 'utf-8',
      });
      const header = encodeFileHeader({
        sopClassUid,
        sopInstanceUid: known.get(sopInstanceUid) ?? sopInstanceUid,
        transferSyntaxUid: transferSyntaxUid ?? transferSyntaxUids.explicitVrLittleEndian,
      });
      return { restorer, header };
    };

    let head: Buffer[] = [];
    let headBytes = 0;
    let restorer: DataSetRestorer | undefined;
    async function* started() {
      const begun = await begin();
      restorer = begun.restorer;
      yield begun.header;
      for (const chunk of head) yield* restorer.push(chunk);
      head = [];
    }
    for await (const chunk of content) {
      ahead.push(chunk);
      if (restorer !== undefined) {
        await lookUp();
        yield* restorer.push(chunk);
        continue;
      }
      head.push(Buffer.from(chunk));
      headBytes += chunk.length;
      if (ahead.identity.studyInstanceUid !== undefined) yield* started();
      else if (headBytes > maxHeadBytes) throw headTooLong();
    }
    ahead.end();
    if (restorer === undefined) yield* started();
    await lookUp();
    yield* restorer!.end();
  }

  return {
    async deidentified(publisher, instance, content, transferSyntaxUid, { alsoRemove, keep }) {
      const { refusal } = await retrieve.deidentification(instance);
      if (refusal !== undefined) {
        throw new CausewayError('not-acceptable', `The instance cannot be de-identified. ${refusal}`);
      }
      const { studyInstanceUid, seriesInstanceUid } = instance;
      const key = await keyOf(publisher);
      const pseudonymOf = createUidPseudonyms(key);
      const sopInstanceUid = instanceUidIn(instance, transferSyntaxUid);
      const record = await recordFor(publisher, key, pseudonymOf(studyInstanceUid), instance, keep);
      const waiting = new Map<string, string>();
      const replaceUid = (uid: string) => {
        const pseudonym = pseudonymOf(uid);
        if (uid !== '') waiting.set(pseudonym, uid);
        return pseudonym;
      };
      const [study, series, sop] = [studyInstanceUid, seriesInstanceUid, sopInstanceUid].map(replaceUid);
      await keepUids(publisher, waiting);
      const pieces = deidentifiedFile(content, {
        sopClassUid: instance.sopClassUid,
        sopInstanceUid,
        transferSyntaxUid,
        replaceUid,
        options: movedDates,
        replaceDate: (date) => movedDay(date, record.days),
        exceptions: profileExceptions(alsoRemove, keptOf(record, { alsoRemove, keep })),
        patient: record.patient,
      });
      return {
        studyInstanceUid: study!,
        seriesInstanceUid: series!,
        sopInstanceUid: sop!,
        content: afterKeeping(pieces, () => keepUids(publisher, waiting)),
      };
    },
    restored,
    async restoredText(publisher, studyInstanceUid, text, { isJson, about }) {
      const record = await recordOf(publisher, studyInstanceUid);
      if (record === undefined) throw unknownStudy(publisher);
      const found = {
        uids: await originals(publisher, uidsIn(text)),
        patient: record.patient,
        original: patientOf(await identityFor(record)),
        days: movedDays(about, record),
      };
      return restoredText(text, found, (value) => (isJson ? JSON.stringify(value).slice(1, -1) : value));
    },
  };
}

/** What a piece names is durable before it is out. */
async function* afterKeeping(pieces: AsyncIterable<Uint8Array>, keep: () => Promise<void>) {
  for await (const piece of pieces) {
    await keep();
    yield piece;
  }
}

/** What is no day tells nothing by its place in time, but might by itself. */
function movedDay(date: string, days: number): string {
  const moved = shiftedDate(date, days);
  return moved === date ? noDay : moved;
}

function studyOf(publisher: string, pseudonym: string): string {
  return `study ${pseudonym} of ${publisher}`;
}

function uidOf(publisher: string, pseudonym: string): string {
  return `uid ${pseudonym} of ${publisher}`;
}

function unknownStudy(publisher: string): CausewayError {
  return new CausewayError(
    'not-found',
    `What came back is about no study that was sent to ${publisher} under a pseudonym.`,
  );
}

function headTooLong(): CausewayError {
  return new CausewayError('limit-exceeded', `What came back has more than ${maxHeadBytes} bytes before its study.`, {
    details: { limit: 'maxHeadBytes' },
  });
}
