import { Button, Group, Modal, Skeleton, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { deleting } from '../refresh-queries.ts';
import { strings } from '../strings.ts';
import { colors } from './colors.ts';
import { Failure } from './failure.tsx';

interface ConfirmButtonProps {
  readonly label: string;
  readonly icon?: ReactNode;
  readonly title: string;
  /** What will happen, and to how much. */
  readonly question: string;
  /** Reads again what the question says: it may have been shown for long. */
  readonly readAgain?: () => Promise<unknown>;
  readonly act: () => Promise<unknown>;
  readonly then?: () => void;
}

/** For what cannot be undone: asks first, and stays open with the reason where it was refused. */
export function ConfirmButton({ label, icon, title, question, readAgain, act, then }: ConfirmButtonProps) {
  const [opened, { open, close }] = useDisclosure(false);
  const asking = useMutation({ mutationFn: async () => readAgain?.() });
  const acting = useMutation({
    mutationKey: deleting,
    mutationFn: act,
    onSuccess: () => {
      close();
      then?.();
    },
  });
  function ask(): void {
    asking.mutate();
    open();
  }
  function cancel(): void {
    // What is under way cannot be called back: who closed the dialog would think it was.
    if (acting.isPending) return;
    close();
    acting.reset();
  }
  return (
    <>
      <Button variant="outline" color="red" className="danger" leftSection={icon} onClick={ask}>
        {label}
      </Button>
      <Modal opened={opened} onClose={cancel} title={title} centered closeButtonProps={{ 'aria-label': strings.close }}>
        <Stack>
          {asking.isPending ? <Skeleton h={48} /> : <Text>{question}</Text>}
          {asking.error && <Failure error={asking.error} />}
          {acting.error && <Failure error={acting.error} />}
          <Group justify="flex-end">
            <Button variant="default" disabled={acting.isPending} onClick={cancel} data-autofocus>
              {strings.cancel}
            </Button>
            <Button
              color={colors.bad}
              loading={acting.isPending}
              disabled={!asking.isSuccess}
              onClick={() => acting.mutate()}
            >
              {label}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
