import { Title } from '@mantine/core';
import { CopyButton } from '../shared/copy-button.tsx';
import { type Fact, Facts } from '../shared/facts.tsx';
import { strings } from '../strings.ts';
import type { OfPatient } from './columns.tsx';
import { PatientFacts } from './patient-facts.tsx';

interface EntityFactsProps {
  readonly of: OfPatient;
  /** What it is: a study, a series. */
  readonly name: string;
  readonly uid: string;
  readonly facts: readonly Fact[];
}

/** Who it is of, and beside that what is known of itself. */
export function EntityFacts({ of, name, uid, facts }: EntityFactsProps) {
  return (
    <>
      <section className="card span-4" aria-label={strings.status.patients.singular}>
        <Title order={2} size="h4" mb="sm">
          {strings.status.patients.singular}
        </Title>
        <PatientFacts of={of} />
      </section>
      <section className="card span-8" aria-label={name}>
        <Title order={2} size="h4" mb="sm">
          {name}
        </Title>
        <Facts facts={[uidFact(uid), ...facts]} />
      </section>
    </>
  );
}

/** The whole UID, to be copied. */
export function uidFact(uid: string): Fact {
  const what = strings.columns.uid;
  return [
    what,
    <span key="uid">
      <span className="mono">{uid}</span> <CopyButton value={uid} what={what} />
    </span>,
  ];
}
