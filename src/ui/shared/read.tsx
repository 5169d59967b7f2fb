import { Box } from '@mantine/core';
import type { ReactNode } from 'react';
import { Failure } from './failure.tsx';
import { Loading } from './loading.tsx';

interface ReadProps<Data> {
  readonly query: {
    readonly data: Data | undefined;
    readonly error: Error | null;
    readonly refetch: () => Promise<unknown>;
  };
  readonly children: (data: Data) => ReactNode;
}

/** What was read. Why it could not be read again stands above it: what is typed or open below it is not thrown away. */
export function Read<Data>({ query: { data, error, refetch }, children }: ReadProps<Data>) {
  return (
    <>
      {error && (
        <Box mb="md">
          <Failure error={error} retry={() => void refetch()} />
        </Box>
      )}
      {data === undefined ? !error && <Loading /> : children(data)}
    </>
  );
}
