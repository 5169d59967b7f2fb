import { Button, Group, NativeSelect, Text } from '@mantine/core';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { wholeNumber } from '../format.ts';
import { strings } from '../strings.ts';

interface PagerProps {
  readonly total: number;
  readonly totalIsExact?: boolean;
  readonly offset: number;
  readonly limit: number;
  readonly shown: number;
  readonly go: (page: { readonly offset: number; readonly limit: number }) => void;
}

const sizes = [25, 50, 100, 250];

/** Which rows of how many are shown, and the way to the others. */
export function Pager({ total, totalIsExact = true, offset, limit, shown, go }: PagerProps) {
  const count = strings.table.range(
    wholeNumber(shown === 0 ? 0 : offset + 1),
    wholeNumber(offset + shown),
    wholeNumber(total),
    totalIsExact,
  );
  return (
    <Group justify="space-between" gap="sm" p="sm" wrap="wrap">
      <Text size="sm" c="dimmed" aria-live="polite" data-testid="range">
        {count}
      </Text>
      <Group gap="xs">
        <NativeSelect
          size="xs"
          aria-label={strings.table.rowsPerPage}
          value={String(limit)}
          data={sizes.map((size) => ({ value: String(size), label: strings.table.perPage(size) }))}
          onChange={({ currentTarget }) => go({ offset: 0, limit: Number(currentTarget.value) })}
        />
        <Button
          size="xs"
          variant="default"
          disabled={offset === 0}
          leftSection={<ChevronLeft size={14} aria-hidden="true" />}
          onClick={() => go({ offset: Math.max(0, offset - limit), limit })}
        >
          {strings.table.previous}
        </Button>
        <Button
          size="xs"
          variant="default"
          disabled={shown < limit || (totalIsExact && offset + shown >= total)}
          rightSection={<ChevronRight size={14} aria-hidden="true" />}
          onClick={() => go({ offset: offset + limit, limit })}
        >
          {strings.table.next}
        </Button>
      </Group>
    </Group>
  );
}
