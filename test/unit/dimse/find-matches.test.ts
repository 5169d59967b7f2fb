import { describe, expect, it } from 'vitest';
import type { FindQuery } from '../../../src/dicom/find-query.ts';
import type { DicomJson } from '../../../src/dicom/json-model.ts';
import { matches } from '../../../src/dicom/matches.ts';
import { storedMatches } from '../../../src/dimse/scp/find-matches.ts';
import { attributesOfMatch } from '../../../src/search/match-attributes.ts';
import type { StoredSearch } from '../../../src/search/search.ts';

function study(uid: string, patientId: string, issuer?: string): DicomJson {
  return {
    '00090010': { vr: 'LO', Value: ['ACME 1.1'] },
    '00091001': { vr: 'LO', Value: [`private of ${uid}`] },
    '00100020': { vr: 'LO', Value: [patientId] },
    '00100021': issuer === undefined ? { vr: 'LO' } : { vr: 'LO', Value: [issuer] },
    '0020000D': { vr: 'UI', Value: [uid] },
  };
}

/** A search among these studies. */
function among(studies: readonly DicomJson[]): StoredSearch {
  return {
    extendedVrs: async () => new Map(),
    find: () => Promise.reject(new Error('not asked for')),
    async *findAll(query) {
      yield {
        matches: studies.filter((one) => matches(one, query)).map((one) => attributesOfMatch(one, query)),
        warnings: [],
      };
    },
    count: () => Promise.reject(new Error('not asked for')),
    totals: async (ofEach) =>
      ofEach.map((conditions) => {
        const found = studies.filter((one) => matches(one, { conditions }));
        return { study: found.length, series: 0, instance: 0 };
      }),
  };
}

async function answers(studies: readonly DicomJson[], query: Pick<FindQuery, 'level' | 'include'>) {
  const found = [];
  const association = { id: 'a', callingAeTitle: 'A', calledAeTitle: 'B', address: '127.0.0.1' };
  const asked = { query: { ...query, conditions: [], ignored: [] }, identifier: {}, association };
  for await (const one of storedMatches(among(studies)).matches({ ...asked, stop: new AbortController().signal })) {
    found.push(one);
  }
  return found;
}

describe('an answer to C-FIND', () => {
  it('tells with a private attribute whose it is', async () => {
    const [answer] = await answers([study('1.2', 'P')], { level: 'instance', include: [['0020000D'], ['00091001']] });
    expect(answer).toEqual({
      attributes: {
        '00090010': { vr: 'LO', Value: ['ACME 1.1'] },
        '00091001': { vr: 'LO', Value: ['private of 1.2'] },
        '0020000D': { vr: 'UI', Value: ['1.2'] },
      },
      complete: true,
    });
  });

  it('is not complete for the creator of what is not known', async () => {
    const { '00091001': _, ...without } = study('1.2', 'P');
    const [answer] = await answers([without], { level: 'instance', include: [['0020000D'], ['00091001']] });
    expect(answer).toEqual({ attributes: { '0020000D': { vr: 'UI', Value: ['1.2'] } }, complete: false });
  });

  it('about a patient counts what is of that patient, and nothing of one that has the same ID of another issuer', async () => {
    const studies = [study('1', 'P', 'EAST'), study('2', 'P', 'WEST'), study('3', 'P', 'EAST'), study('4', 'P')];
    const found = await answers(studies, { level: 'patient', include: [['00100020'], ['00201200']] });
    expect(found.map(({ attributes }) => attributes['00201200']?.Value)).toEqual([[2], [1], [1]]);
  });
});
