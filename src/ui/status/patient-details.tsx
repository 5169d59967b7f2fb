import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { answered, api } from '../api.ts';
import { personName } from '../format.ts';
import { Failure } from '../shared/failure.tsx';
import { Loading } from '../shared/loading.tsx';
import { PageTitle } from '../shared/page-title.tsx';
import { Pager } from '../shared/pager.tsx';
import { TableCard } from '../shared/table-card.tsx';
import { useTablePage } from '../shared/use-table-page.ts';
import { strings } from '../strings.ts';
import { totalInWords } from '../total.ts';
import { studyColumns } from './columns.tsx';
import { PatientFacts } from './patient-facts.tsx';

export function PatientDetails() {
  const [address] = useSearchParams();
  const patient = address.get('patient') ?? '';
  const issuer = address.get('issuer') ?? '';
  return <Patient key={`${issuer} ${patient}`} patient={patient} issuer={issuer} />;
}

/** A patient is known by ID and issuer; what the newest study that is shown says of them is shown, and all their studies. */
function Patient({ patient, issuer }: { readonly patient: string; readonly issuer: string }) {
  const [page, go] = useState({ offset: 0, limit: 50 });
  const { data, error, refetch, table, pager } = useTablePage({
    queryKey: ['studies', `of ${issuer} ${patient}`, page],
    page,
    read: (signal) => answered(api.GET('/api/studies', { params: { query: { patient, issuer, ...page } }, signal })),
  });
  const newest = data?.items[0];
  const total = pager && totalInWords(pager, pager.offset + pager.shown);
  return (
    <>
      <PageTitle path={[{ label: strings.status.patients.plural, to: '/status/patients' }]}>
        {personName(newest?.patientName) || patient}
      </PageTitle>
      {error && <Failure error={error} retry={() => void refetch()} />}
      {data === undefined && !error && <Loading />}
      {data && pager && (
        <div className="grid">
          <section className="card span-12" aria-label={strings.status.patients.singular}>
            <PatientFacts of={{ patientId: patient, issuerOfPatientId: issuer, ...newest }} />
          </section>
          <TableCard
            id="studies-of"
            title={total === undefined ? strings.status.studies.plural : `${strings.status.studies.plural} (${total})`}
            caption={strings.status.studies.plural}
            columns={studyColumns.slice(3)}
            {...table}
            keyOf={({ studyInstanceUid }) => studyInstanceUid}
          >
            <Pager {...pager} go={go} />
          </TableCard>
        </div>
      )}
    </>
  );
}
