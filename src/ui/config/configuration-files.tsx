import { Alert, Button, Group, List, Modal, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Download, FileUp } from 'lucide-react';
import { useRef } from 'react';
import { ApiError, answered, answeredWithEtag, api, apiUrl, type Schemas } from '../api.ts';
import { Failure } from '../shared/failure.tsx';
import { strings } from '../strings.ts';
import { ChangedValues } from './changed-values.tsx';

const words = strings.config.files;

interface ConfigurationFilesProps {
  /** What is there, and its version. */
  readonly saved: { readonly data: Schemas['Configuration']; readonly etag: string } | undefined;
}

/** A file that was chosen, over what was there then. */
interface Chosen {
  readonly name: string;
  readonly file: Schemas['ConfigurationFile'];
  readonly over: NonNullable<ConfigurationFilesProps['saved']>;
}

/** The configuration as a file for another site, and one from there, which replaces what is here once that was seen. */
export function ConfigurationFiles({ saved }: ConfigurationFilesProps) {
  const input = useRef<HTMLInputElement>(null);
  const queries = useQueryClient();
  const reading = useMutation({
    mutationFn: async (file: File): Promise<Chosen> => {
      const over = saved ?? (await answeredWithEtag(api.GET('/api/config')));
      return { name: file.name, file: await parsed(file), over };
    },
  });
  const importing = useMutation({
    mutationFn: ({ name, file, over, replaces }: Chosen & { readonly replaces: boolean }) =>
      answered(
        api.POST('/api/config/import', {
          params: {
            header: { 'If-Match': over.etag },
            query: { comment: words.importComment(name), ...(replaces && { peers: 'replace' as const }) },
          },
          body: file,
        }),
      ),
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: ['configuration'] });
      void queries.invalidateQueries({ queryKey: ['versions'] });
      void queries.invalidateQueries({ queryKey: ['peers'] });
    },
  });
  const chosen = reading.data;
  const mayReplace = importing.variables?.replaces === false && isAboutPeers(importing.error);

  function close(): void {
    if (importing.isPending) return;
    reading.reset();
    importing.reset();
  }

  return (
    <>
      <Button
        component="a"
        variant="default"
        href={apiUrl('api/config/export')}
        download
        leftSection={<Download size={16} aria-hidden="true" />}
      >
        {words.export}
      </Button>
      <Button
        variant="default"
        loading={reading.isPending}
        leftSection={<FileUp size={16} aria-hidden="true" />}
        onClick={() => input.current?.click()}
      >
        {words.import}
      </Button>
      <input
        ref={input}
        type="file"
        accept="application/json,.json"
        hidden
        aria-label={words.import}
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0];
          if (file !== undefined) reading.mutate(file);
          currentTarget.value = '';
        }}
      />
      <Modal
        opened={reading.isSuccess || reading.isError}
        onClose={close}
        title={words.import}
        size="xl"
        closeButtonProps={{ 'aria-label': strings.close }}
      >
        {reading.error && <Failure error={reading.error} />}
        {chosen && !importing.isSuccess && (
          <Stack>
            <Text>{words.importQuestion(chosen.name)}</Text>
            <ChangedValues from={chosen.over.data} to={chosen.file.configuration} told={words.differs} />
            {(chosen.file.peers ?? []).length > 0 && (
              <Text>{words.importPeers((chosen.file.peers ?? []).map(({ aeTitle }) => aeTitle))}</Text>
            )}
            {importing.error && <Failure error={importing.error} />}
            <Group justify="flex-end">
              <Button variant="default" disabled={importing.isPending} onClick={close} data-autofocus>
                {strings.cancel}
              </Button>
              <Button
                loading={importing.isPending}
                onClick={() => importing.mutate({ ...chosen, replaces: mayReplace })}
              >
                {mayReplace ? words.replacePeers : words.reallyImport}
              </Button>
            </Group>
          </Stack>
        )}
        {importing.data && (
          <Alert color={importing.data.unchangedPeers ? 'yellow' : 'green'} title={words.imported}>
            {importing.data.unchangedPeers && (
              <>
                {words.unchangedPeers}
                <List size="sm">
                  {importing.data.unchangedPeers.map(({ aeTitle, message }) => (
                    <List.Item key={aeTitle}>
                      {aeTitle}: {message}
                    </List.Item>
                  ))}
                </List>
              </>
            )}
            {importing.data.missingSecrets.length > 0 && (
              <>
                {words.missingSecrets}
                <List size="sm">
                  {importing.data.missingSecrets.map((pointer) => (
                    <List.Item key={pointer}>
                      <code>{pointer}</code>
                    </List.Item>
                  ))}
                </List>
              </>
            )}
          </Alert>
        )}
      </Modal>
    </>
  );
}

/** Whether peers of the file are called otherwise here. */
function isAboutPeers(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409 && error.problem.parameter === 'peers';
}

const maxFileBytes = 10_000_000;

/** What it says beyond that is for the server to judge. */
async function parsed(file: File): Promise<Schemas['ConfigurationFile']> {
  if (file.size > maxFileBytes) throw new ApiError(0, { detail: words.tooLarge });
  const text = await file.text();
  let value: Partial<Schemas['ConfigurationFile']> | null;
  try {
    value = JSON.parse(text) as typeof value;
  } catch {
    throw new ApiError(0, { detail: words.noJson });
  }
  if (typeof value?.configuration !== 'object' || value.configuration === null) {
    throw new ApiError(0, { detail: words.noConfiguration });
  }
  return value as Schemas['ConfigurationFile'];
}
