import { useSearchParams } from 'react-router';
import { answered, api } from '../api.ts';
import { personName } from '../format.ts';
import { PageTitle } from '../shared/page-title.tsx';
import { TableCard } from '../shared/table-card.tsx';
import { strings } from '../strings.ts';
import { studyColumns } from './columns.tsx';
import { Details } from './details.tsx';
import { PatientFacts } from './patient-facts.tsx';

const most = 250;

/** A patient is known by ID and issuer; what the newest study says of them is shown, and all their studies. */
export function PatientDetails() {
  const [address] = useSearchParams();
  const patient = address.get('patient') ?? '';
  const issuer = address.get('issuer') ?? '';
  return (
    <Details
      kind="studies"
      id={`of ${issuer} ${patient}`}
      read={() => answered(api.GET('/api/studies', { params: { query: { patient, issuer, limit: most } } }))}
    >
      {({ items, total }) => {
        const [newest] = items;
        return (
          <>
            <PageTitle path={[{ label: strings.status.patients.plural, to: '/status/patients' }]}>
              {personName(newest?.patientName) || patient}
            </PageTitle>
            <div className="grid">
              <section className="card span-12" aria-label={strings.status.patients.singular}>
                <PatientFacts of={{ patientId: patient, issuerOfPatientId: issuer, ...newest }} />
              </section>
              <TableCard
                id="studies-of"
                title={`${strings.status.studies.plural} (${total})`}
                caption={strings.status.studies.plural}
                columns={studyColumns.slice(3)}
                rows={items}
                keyOf={({ studyInstanceUid }) => studyInstanceUid}
              >
                {total > items.length && <p className="dim empty">{strings.table.onlyFirst(items.length, total)}</p>}
              </TableCard>
            </div>
          </>
        );
      }}
    </Details>
  );
}
