import { Alert, Button, Group, Modal, NativeSelect, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Send } from 'lucide-react';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { answered, api } from '../api.ts';
import { Failure } from '../shared/failure.tsx';
import { strings } from '../strings.ts';

const words = strings.send;

interface SendButtonProps {
  readonly study: string;
  readonly series?: string;
  readonly instance?: string;
}

/** Sends at once, whatever filters say; leads to the graph, where it is seen to arrive. */
export function SendButton(unit: SendButtonProps) {
  const [opened, { open, close }] = useDisclosure(false);
  const navigate = useNavigate();
  const sending = useMutation({
    mutationFn: (to: string) => answered(api.POST('/api/send', { body: { publisher: to, ...unit } })),
    onSuccess: ({ id, publisher: to }) => {
      close();
      notifications.show({ message: words.begun(to) });
      void navigate(`/status/graphs/${id}`);
    },
  });
  function cancel(): void {
    // What is under way cannot be called back: who closed the dialog would think it was.
    if (sending.isPending) return;
    close();
    sending.reset();
  }
  return (
    <>
      <Button variant="default" leftSection={<Send size={16} aria-hidden="true" />} onClick={open}>
        {strings.actions.send}
      </Button>
      <Modal
        opened={opened}
        onClose={cancel}
        title={words.title}
        centered
        closeButtonProps={{ 'aria-label': strings.close }}
      >
        <SendForm sending={sending} cancel={cancel} />
      </Modal>
    </>
  );
}

interface SendFormProps {
  readonly sending: {
    readonly isPending: boolean;
    readonly error: Error | null;
    readonly mutate: (publisher: string) => void;
  };
  readonly cancel: () => void;
}

function SendForm({ sending, cancel }: SendFormProps) {
  const [chosen, choose] = useState<string>();
  const { data, error } = useQuery({
    queryKey: ['configuration', 'plain'],
    queryFn: ({ signal }) => answered(api.GET('/api/config', { signal })),
  });
  const publishers = data?.publishers ?? [];
  const publisher = chosen ?? publishers[0]?.name;
  if (error && data === undefined) return <Failure error={error} />;
  if (data !== undefined && publisher === undefined) {
    return (
      <Alert color="gray" title={words.none}>
        <Link to="/config/publishers">{words.toConfig}</Link>
      </Alert>
    );
  }
  return (
    <Stack>
      <NativeSelect
        label={words.to}
        value={publisher ?? ''}
        data={publishers.map(({ name }) => name)}
        onChange={({ currentTarget }) => choose(currentTarget.value)}
        data-autofocus
      />
      <Text size="sm" c="dimmed">
        {words.about}
      </Text>
      {sending.error && <Failure error={sending.error} />}
      <Group justify="flex-end">
        <Button variant="default" disabled={sending.isPending} onClick={cancel}>
          {strings.cancel}
        </Button>
        <Button
          disabled={publisher === undefined}
          loading={sending.isPending}
          onClick={() => publisher !== undefined && sending.mutate(publisher)}
        >
          {words.send}
        </Button>
      </Group>
    </Stack>
  );
}
