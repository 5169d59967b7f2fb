/** Of units and ages. */
export const formatStrings = {
  bytes: ['B', 'kB', 'MB', 'GB', 'TB', 'PB'],
  ages: {
    D: (days: string) => `${days} d`,
    W: (weeks: string) => `${weeks} w`,
    M: (months: string) => `${months} m`,
    Y: (years: string) => `${years} y`,
  },
  milliseconds: (count: number) => `${count} ms`,
  seconds: (count: string) => `${count} s`,
  minutes: (minutes: number, seconds: number) => `${minutes} min ${seconds} s`,
  hours: (hours: number, minutes: number) => `${hours} h ${minutes} min`,
} as const;
