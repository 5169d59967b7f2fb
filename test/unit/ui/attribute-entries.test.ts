import { describe, expect, it } from 'vitest';
import { type DataSet, entriesWith, valueText } from '../../../src/ui/status/attribute-entries.ts';

const keywords: Readonly<Record<string, string>> = {
  '00081140': 'ReferencedImageSequence',
  '00081155': 'ReferencedSOPInstanceUID',
};
const keywordOf = (tag: string) => keywords[tag];

describe('the search in attributes', () => {
  const dataSet: DataSet = {
    '00080060': { vr: 'CS', Value: ['CT'] },
    '00283006': { vr: 'US', Value: Array.from({ length: 4_096 }, (_, at) => at * 7) },
    '00081140': {
      vr: 'SQ',
      Value: Array.from({ length: 30 }, (_, at) => ({ '00081155': { vr: 'UI', Value: [`1.2.${at + 1}`] } })),
    },
  };

  it('shows a sequence that is meant itself with all that is in it', () => {
    const [entry, ...others] = entriesWith(dataSet, 'referencedimage', keywordOf);
    expect([entry?.tag, entry?.items.length, entry?.wantedBelow, others]).toEqual(['00081140', 30, '', []]);
  });

  it('finds each of many values, and of a value that is long all is shown', () => {
    const [entry] = entriesWith(dataSet, '28665', keywordOf);
    expect([entry?.tag, valueText(entry!.attribute, 2)]).toEqual(['00283006', '0 \\ 7']);
    expect(valueText(entry!.attribute)).toMatch(/ 28665$/);
  });

  it('leaves items the numbers that they have in their sequence', () => {
    const [entry] = entriesWith(dataSet, '1.2.7', keywordOf);
    expect(entry?.items.map(({ number }) => number)).toEqual([7]);
    expect(entriesWith(entry!.items[0]!.dataSet, entry!.wantedBelow, keywordOf)).toHaveLength(1);
    expect(entriesWith(dataSet, 'nowhere', keywordOf)).toEqual([]);
  });
});

it('leaves each group of a person name in its place', () => {
  const name = (value: object) => valueText({ vr: 'PN', Value: [value] });
  expect(name({ Phonetic: 'やまだ^たろう', Alphabetic: 'Yamada^Tarou' })).toBe('Yamada^Tarou==やまだ^たろう');
  expect(name({ Ideographic: '山田^太郎' })).toBe('=山田^太郎');
  expect(name({ Alphabetic: 'Doe' })).toBe('Doe');
});
