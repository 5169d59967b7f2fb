import { List, Stack, Text } from '@mantine/core';
import { strings } from '../strings.ts';
import { differences, valueAt } from './json-pointer.ts';

const words = strings.config.history;
const most = 200;

/** Each value that is another one in the second document, with what it was. */
export function ChangedValues({ from, to }: { readonly from: unknown; readonly to: unknown }) {
  const changes = differences(from, to);
  return (
    <Stack>
      <Text c="dimmed">{words.changes(changes.length)}</Text>
      <List size="sm" spacing={4} className="changes">
        {changes.slice(0, most).map((pointer) => (
          <List.Item key={pointer}>
            <code>{pointer}</code>: <span className="dim">{shown(valueAt(from, pointer))}</span> →{' '}
            {shown(valueAt(to, pointer))}
          </List.Item>
        ))}
      </List>
      {changes.length > most && <Text c="dimmed">{strings.table.onlyFirst(most, changes.length)}</Text>}
    </Stack>
  );
}

function shown(value: unknown): string {
  return value === undefined ? words.nothing : JSON.stringify(value);
}
