import { useQuery } from '@tanstack/react-query';
import { answered, api } from '../api.ts';
import { intervals } from '../intervals.ts';

/** How far a study has come, publisher by publisher. */
export function useDeliveries(study: string) {
  return useQuery({
    queryKey: ['deliveries', study],
    queryFn: ({ signal }) => answered(api.GET('/api/deliveries', { params: { query: { study, limit: 1 } }, signal })),
    refetchInterval: intervals.tables,
  });
}
