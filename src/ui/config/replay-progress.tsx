import { Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { answered, api, type Schemas } from '../api.ts';
import { intervals } from '../intervals.ts';
import { Failure } from '../shared/failure.tsx';
import { strings } from '../strings.ts';

const words = strings.config.trial;

/** How far a replay has come, until it has ended: well, or because there is nobody any more to send to. */
export function ReplayProgress({ begun }: { readonly begun: Schemas['Replay'] }) {
  const { id, publisher } = begun;
  const { data: replay, error } = useQuery({
    queryKey: ['replay', id],
    queryFn: ({ signal }) =>
      answered(api.GET('/api/graphs/replay/{replay}', { params: { path: { replay: id } }, signal })),
    initialData: begun,
    staleTime: 0,
    refetchInterval: ({ state }) => state.data?.status === 'INITIAL' && intervals.underWay,
  });
  if (replay.status === 'FAILED') return <Failure error={new Error(words.replayFailed(publisher))} />;
  const { graphs } = replay;
  return (
    <Group gap="xs">
      <Text size="sm" role="status">
        {replay.status === 'INITIAL' ? words.replaying(graphs) : words.replayed(graphs)}{' '}
        <Link to={`/status/graphs?publisher=${publisher}`}>{words.toGraphs}</Link>
      </Text>
      {error && <Failure error={error} />}
    </Group>
  );
}
