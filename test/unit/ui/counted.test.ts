import { expect, it } from 'vitest';
import { strings } from '../../../src/ui/strings.ts';

it('one is said as one, and what is many with its thousands', () => {
  expect([
    strings.actions.deleteStudy(1, 1).split(' is deleted')[0],
    strings.home.storedIn(1, 2_000),
    strings.home.received(0, '0 B', 1),
    strings.config.trial.result({ studies: 1, instances: 1 }, { studies: 2, instances: 1 }),
    strings.forwarded(1, 0, 2),
    strings.upload.ended(1, 0, { partly: 0, kept: 0, cancelled: 1, refused: 0 }),
    strings.tasksHidden(1),
    strings.firstOf('1, 2, 3', 1_500, 3),
    strings.firstOf('1, 2', 2, 3),
  ]).toEqual([
    'The study with its 1 series and 1 image',
    'in 1 study, 2,000 series',
    '0 images, 0 B; 1 refused',
    'Selects 1 of 1 image, in 1 of 2 studies.',
    'Publishers: 1 has it, 0 wait for it, 2 failed',
    '1 file: 0 stored, 1 cancelled',
    '1 more task is in the table below.',
    '1, 2, 3 … (1,500)',
    '1, 2',
  ]);
});
