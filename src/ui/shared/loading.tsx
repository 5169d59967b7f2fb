import { Center, Loader } from '@mantine/core';
import { strings } from '../strings.ts';

export function Loading() {
  return (
    <Center p="xl" role="status" aria-label={strings.loading}>
      <Loader />
    </Center>
  );
}
