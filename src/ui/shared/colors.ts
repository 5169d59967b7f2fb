/** Of badges and bars, behind white letters: each with a contrast of 5 at least (WCAG 2.2 §1.4.3). */
export const colors = {
  good: '#1d7333',
  bad: '#c02626',
  doubtful: '#a35200',
  waiting: '#59636c',
  running: '#0b7285',
} as const;
