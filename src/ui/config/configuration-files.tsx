import { Alert, Button, List, Modal } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Download, FileUp } from 'lucide-react';
import { useRef } from 'react';
import { ApiError, answered, api, apiUrl, type Schemas } from '../api.ts';
import { Failure } from '../shared/failure.tsx';
import { strings } from '../strings.ts';

const words = strings.config.files;

/** The configuration as a file for another site, and one from there. */
export function ConfigurationFiles({ etag }: { readonly etag: string | undefined }) {
  const input = useRef<HTMLInputElement>(null);
  const queries = useQueryClient();
  const importing = useMutation({
    mutationFn: async (file: File) =>
      answered(
        api.POST('/api/config/import', {
          params: {
            header: etag === undefined ? {} : { 'If-Match': etag },
            query: { comment: words.importComment(file.name) },
          },
          body: await parsed(file),
        }),
      ),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['configuration'] });
      void queries.invalidateQueries({ queryKey: ['versions'] });
    },
  });
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
        loading={importing.isPending}
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
          if (file !== undefined) importing.mutate(file);
          currentTarget.value = '';
        }}
      />
      <Modal
        opened={importing.isSuccess || importing.isError}
        onClose={importing.reset}
        title={words.import}
        closeButtonProps={{ 'aria-label': strings.close }}
      >
        {importing.error && <Failure error={importing.error} />}
        {importing.data && (
          <Alert color="green" title={words.imported}>
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

const maxFileBytes = 10_000_000;

/** What it says is for the server to judge. */
async function parsed(file: File): Promise<Schemas['ConfigurationFile']> {
  if (file.size > maxFileBytes) throw new ApiError(0, { detail: words.tooLarge });
  try {
    return JSON.parse(await file.text()) as Schemas['ConfigurationFile'];
  } catch {
    throw new ApiError(0, { detail: words.noJson });
  }
}
