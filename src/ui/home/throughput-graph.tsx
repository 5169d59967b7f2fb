import { Group, Text } from '@mantine/core';
import type { Schemas } from '../api.ts';
import { bytes, minute, wholeNumber } from '../format.ts';
import { strings } from '../strings.ts';

type Minute = Schemas['Status']['received'][number];

const width = 960;
const height = 170;
const bottom = 22;
const top = 10;
const count = 60;
const minuteMs = 60_000;

interface ThroughputGraphProps {
  readonly minutes: readonly Minute[];
  /** When they were counted, by the clock that counted them; milliseconds of the epoch. */
  readonly at: number;
}

/** Instances that came in each of the last sixty minutes. */
export function ThroughputGraph({ minutes, at }: ThroughputGraphProps) {
  const now = Math.floor(at / minuteMs) * minuteMs;
  const byMinute = new Map(minutes.map((one) => [Math.floor(Date.parse(one.minute) / minuteMs) * minuteMs, one]));
  const bars = Array.from({ length: count }, (_, index) => {
    const time = now - (count - 1 - index) * minuteMs;
    return { time, ...(byMinute.get(time) ?? { instances: 0, bytes: 0, refused: 0 }) };
  });
  const highest = niceAbove(Math.max(...bars.map(({ instances, refused }) => instances + refused)));
  const step = width / count;
  const scale = (height - bottom - top) / highest;
  const sum = (of: (one: Minute) => number) => minutes.reduce((total, one) => total + of(one), 0);
  const said = strings.home.received(
    sum((one) => one.instances),
    bytes(sum((one) => one.bytes)),
    sum((one) => one.refused),
  );
  return (
    <>
      <Group justify="space-between" mb={4}>
        <Text size="sm" c="dimmed">
          {said}
        </Text>
      </Group>
      <svg
        className="bars"
        viewBox={`0 0 ${width} ${height}`}
        width="100%"
        role="img"
        aria-label={said}
        preserveAspectRatio="none"
        height={height}
      >
        {[0, 0.5, 1].map((part) => {
          const y = height - bottom - part * highest * scale;
          return <line key={part} x1={0} x2={width} y1={y} y2={y} />;
        })}
        {bars.map(({ time, instances, refused }, at) => (
          <g key={time}>
            <title>{strings.home.minute(minute(new Date(time).toISOString()), instances, refused)}</title>
            <rect
              x={at * step + 1}
              width={step - 2}
              y={height - bottom - instances * scale}
              height={instances * scale}
              rx={2}
            />
            {refused > 0 && (
              <rect
                className="bars-bad"
                x={at * step + 1}
                width={step - 2}
                y={height - bottom - (instances + refused) * scale}
                height={refused * scale}
              />
            )}
          </g>
        ))}
      </svg>
      <Group justify="space-between" c="dimmed" fz={12} gap={4}>
        <span>{minute(new Date(now - count * minuteMs).toISOString())}</span>
        <span>{strings.home.highest(wholeNumber(highest))}</span>
        <span>{strings.home.now}</span>
      </Group>
    </>
  );
}

/** 1, 2 or 5 and zeros, at least 5. */
function niceAbove(value: number): number {
  for (let power = 1; ; power *= 10) {
    for (const digit of [1, 2, 5]) if (digit * power >= Math.max(5, value)) return digit * power;
  }
}
