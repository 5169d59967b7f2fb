import { SimpleGrid, Stack, Switch, Title } from '@mantine/core';
import type { Schemas } from '../api.ts';
import { strings } from '../strings.ts';
import { useDraft } from './draft.tsx';
import { NumberField, TagsField } from './fields.tsx';
import { UploadFields } from './upload-fields.tsx';

const words = strings.config.upload;

/** How things go out, and when what has arrived elsewhere may be deleted here. */
export function UploadSection() {
  return (
    <Stack>
      <section className="card" aria-labelledby="upload">
        <Title order={2} size="h4" mb="sm" id="upload">
          {words.title}
        </Title>
        <UploadFields at="/upload" />
      </section>
      <section className="card" aria-labelledby="purge">
        <Title order={2} size="h4" mb="sm" id="purge">
          {words.purge}
        </Title>
        <Purge />
      </section>
    </Stack>
  );
}

function Purge() {
  const { read, write } = useDraft();
  const purge = read('/purge') as Schemas['PurgePolicy'] | undefined;
  const names = ((read('/publishers') ?? []) as readonly Schemas['Publisher'][]).map(({ name }) => name);
  return (
    <Stack>
      <Switch
        label={words.purgeSwitch}
        description={words.purgeAbout}
        checked={purge !== undefined}
        onChange={({ currentTarget }) =>
          write('/purge', currentTarget.checked ? { afterDays: 30, deliveredTo: names } : undefined)
        }
      />
      {purge !== undefined && (
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <NumberField at="/purge/afterDays" label={words.afterDays} required />
          <TagsField at="/purge/deliveredTo" label={words.deliveredTo} suggestions={names} />
        </SimpleGrid>
      )}
    </Stack>
  );
}
