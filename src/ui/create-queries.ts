import { QueryClient } from '@tanstack/react-query';
import { ApiError } from './api.ts';

/** What is read of the server and asked of it, and how often it is tried. */
export function createQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        // The browser knows of networks, not of the server, which may be on this machine: what does not answer says so.
        networkMode: 'always',
        refetchOnReconnect: true,
        // What the server says no to it says no to again, but for what it cannot do just now.
        retry: (failures, error) =>
          failures < 2 && (!(error instanceof ApiError) || error.status === 0 || error.status === 503),
        retryDelay: (failures, error) =>
          Math.max(1_000 * 2 ** failures, error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0),
      },
      // What was asked for happens at once or not at all: a deletion that waits for a network is not wanted any more when one comes.
      mutations: { networkMode: 'always' },
    },
  });
}
