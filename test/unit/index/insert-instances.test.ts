import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nextStatement } from '../../../src/index/insert-instances.ts';
import { insertStatement, maxInstancesAStatement } from '../../../src/index/insert-statement.ts';
import { createRowMaker, type InstanceRows } from '../../../src/index/instance-rows.ts';
import { newInstance } from '../../support/new-instance.ts';

const makeRows = createRowMaker();
const rowsOf = ({ study, series, instance, name }: { study: number; series: number; instance: number; name: string }) =>
  makeRows(newInstance({ study, series, instance, attributes: { '00100020': { vr: 'LO', Value: [name] } } }));
const arrivals = fc.array(
  fc.record({ study: fc.nat(2), series: fc.nat(2), instance: fc.nat(4), name: fc.constantFrom('A', 'B') }).map(rowsOf),
  { maxLength: 100 },
);

it('every instance goes into one statement, those of a study in the order in which they came', () => {
  fc.assert(
    fc.property(arrivals, (waiting) => {
      const sent: InstanceRows[] = [];
      for (let left = waiting; left.length > 0; ) {
        const { now, later } = nextStatement(left, (rows) => rows);
        expect(now.length).toBeGreaterThan(0);
        expect(now.length).toBeLessThanOrEqual(maxInstancesAStatement);
        expect(new Set(now.map(({ instanceKey }) => instanceKey)).size).toBe(now.length);
        for (const { studyKey, study } of now) {
          expect(now.filter((one) => one.studyKey === studyKey).every((one) => one.study.digest === study.digest)).toBe(
            true,
          );
        }
        sent.push(...now);
        left = later;
      }
      for (const studyKey of new Set(waiting.map((rows) => rows.studyKey))) {
        const ofStudy = (rows: InstanceRows) => rows.studyKey === studyKey;
        expect(sent.filter(ofStudy)).toEqual(waiting.filter(ofStudy));
      }
    }),
    { numRuns: 200 },
  );
});

it('a statement has a value for each of its parameters, and its name tells its text', () => {
  const texts = new Map<string, string>();
  for (let instances = 1; instances <= maxInstancesAStatement; instances++) {
    const rows = Array.from({ length: instances }, (_, instance) => makeRows(newInstance({ study: 1, instance })));
    const { studyKey, seriesKey, study, series } = rows[0]!;
    const rowsToInsert = {
      studies: [[studyKey, ...study.values]],
      series: [[studyKey, seriesKey, ...series.values]],
      instances: rows.map((row) => [studyKey, seriesKey, row.instanceKey, ...row.instance]),
    };
    const { name, text, values } = insertStatement(rowsToInsert, 0);
    expect(new Set(text.match(/\$\d+/g)).size).toBe(values.length);
    expect(texts.get(name) ?? text).toBe(text);
    texts.set(name, text);
  }
});
