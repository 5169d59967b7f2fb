import { Badge, Group, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { answered, api, type Schemas } from '../api.ts';
import { bytes, moment, wholeNumber } from '../format.ts';
import { colors } from '../shared/colors.ts';
import { CopyButton } from '../shared/copy-button.tsx';
import { Failure } from '../shared/failure.tsx';
import { strings } from '../strings.ts';
import { totalInWords } from '../total.ts';
import { ArrivalFeed } from './arrival-feed.tsx';
import { ThroughputGraph } from './throughput-graph.tsx';

const words = strings.home;

/** What to type into a modality, what arrives from it, and whether all is well. */
export function HomePage() {
  const { data, error, refetch } = useQuery({
    queryKey: ['status'],
    queryFn: ({ signal }) => answered(api.GET('/api/status', { signal })),
    refetchInterval: 15_000,
  });
  return (
    <>
      <Title order={1} size="h2" mb="md">
        {words.title}
      </Title>
      {error && <Failure error={error} retry={() => void refetch()} />}
      <div className="grid">
        <section className="card span-5" aria-labelledby="modality">
          <Title order={2} size="h4" id="modality">
            {words.modality}
          </Title>
          <Text size="sm" c="dimmed" mb="md">
            {words.modalityAbout}
          </Text>
          {data ? <Address status={data} /> : <Skeleton h={150} />}
        </section>
        <section className="card span-7" aria-labelledby="arrivals">
          <ArrivalFeed aeTitle={data?.aeTitle} />
        </section>
        {data ? <Meters status={data} /> : <Skeleton className="span-12" h={110} />}
        <section className="card span-12" aria-labelledby="throughput">
          <Title order={2} size="h4" id="throughput" mb="sm">
            {words.throughput}
          </Title>
          {data ? <ThroughputGraph minutes={data.received} at={Date.parse(data.now)} /> : <Skeleton h={180} />}
        </section>
      </div>
    </>
  );
}

function Address({ status }: { readonly status: Schemas['Status'] }) {
  const { aeTitle, addresses, hostName, dimsePort, dimseTlsPort } = status;
  const lines: (readonly [string, string | undefined])[] = [
    [words.aeTitle, aeTitle],
    ...addresses.map((address, at) => [at === 0 ? words.address : words.orAddress, address] as const),
    [words.hostName, hostName],
    [words.port, dimsePort === undefined ? undefined : String(dimsePort)],
    [words.tlsPort, dimseTlsPort === undefined ? undefined : String(dimseTlsPort)],
  ];
  return (
    <Stack gap={2}>
      {lines.map(
        ([name, value]) =>
          value !== undefined && (
            <Group key={name + value} justify="space-between" wrap="nowrap" gap="sm">
              <Text size="sm" c="dimmed">
                {name}
              </Text>
              <Group gap={4} wrap="nowrap">
                <span className="mono">{value}</span>
                <CopyButton value={value} what={name} />
              </Group>
            </Group>
          ),
      )}
    </Stack>
  );
}

function Meters({ status }: { readonly status: Schemas['Status'] }) {
  const { health, disk, totals, startedAt, version } = status;
  const failing = Object.entries(health.checks ?? {}).filter(([, check]) => !check.ok);
  const isWell = health.status === 'ok' && health.warnings === undefined;
  return (
    <>
      <Meter title={words.health}>
        <Badge
          color={isWell ? colors.good : health.status === 'ok' ? colors.doubtful : colors.bad}
          size="lg"
          variant="filled"
        >
          {isWell ? words.well : words.unwell}
        </Badge>
        {health.warnings?.map((warning) => (
          <Text key={warning} size="sm">
            {warning}
          </Text>
        ))}
        {failing.map(([name, { message }]) => (
          <Text key={name} size="sm">
            {name}: {message}
          </Text>
        ))}
        <Text size="sm" c="dimmed">
          {words.since(version, moment(startedAt))}
        </Text>
      </Meter>
      <Meter title={words.disk}>
        {disk !== undefined && disk.freeBytes === undefined && <Unknown why={words.diskUnknown} />}
        {disk?.freeBytes !== undefined && (
          <>
            <span className="big">{bytes(disk.freeBytes)}</span>
            <Text size="sm" c="dimmed">
              {disk.totalBytes === undefined ? words.free : words.freeOf(bytes(disk.totalBytes))}
            </Text>
            {disk.totalBytes !== undefined && (
              <meter
                className="disk"
                aria-label={words.diskUsed}
                min={0}
                max={disk.totalBytes}
                high={disk.totalBytes * 0.9}
                value={disk.totalBytes - disk.freeBytes}
              />
            )}
          </>
        )}
        {disk === undefined && (
          <Text size="sm" c="dimmed">
            {words.objectStore}
          </Text>
        )}
      </Meter>
      <Meter title={words.stored}>
        {totals === undefined ? (
          <Unknown why={words.totalsUnknown} />
        ) : (
          <>
            <span className="big">{wholeNumber(totals.instances)}</span>
            <Text size="sm" c="dimmed">
              {words.storedIn(totals.studies, totals.series)}
            </Text>
          </>
        )}
      </Meter>
      <Meter title={words.queue}>
        <Queue />
      </Meter>
    </>
  );
}

/** Nobody is told a number that nobody knows. */
function Unknown({ why }: { readonly why: string }) {
  return (
    <>
      <span className="big">{words.unknown}</span>
      <Text size="sm" c="dimmed">
        {why}
      </Text>
    </>
  );
}

/** How many tasks are still to be done. */
function Queue() {
  const { data, error } = useQuery({
    queryKey: ['tasks', 'waiting'],
    queryFn: ({ signal }) =>
      answered(api.GET('/api/tasks', { params: { query: { status: 'INITIAL', limit: 1 } }, signal })),
    refetchInterval: 15_000,
  });
  if (data === undefined && error) return <Unknown why={words.totalsUnknown} />;
  if (data === undefined) return <Skeleton h={30} w={80} />;
  const total = totalInWords(data, data.items.length);
  if (total === undefined) return <Unknown why={words.totalsUnknown} />;
  return (
    <>
      <span className="big">{total}</span>
      <Text size="sm" c="dimmed">
        <Link to="/status/tasks?status=INITIAL">{words.waiting(data.total === 1)}</Link>
      </Text>
    </>
  );
}

function Meter({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="card span-3">
      <Text component="h2" size="sm" fw={600} c="dimmed" m={0} mb={6}>
        {title}
      </Text>
      <Stack gap={4} align="flex-start">
        {children}
      </Stack>
    </section>
  );
}
