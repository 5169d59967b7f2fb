import { Anchor } from '@mantine/core';
import { Link } from 'react-router';
import { age, dicomDate, personName } from '../format.ts';
import { Facts } from '../shared/facts.tsx';
import { strings } from '../strings.ts';
import { type OfPatient, patientPlace } from './columns.tsx';

const words = strings.columns;

export function PatientFacts({ of }: { readonly of: OfPatient }) {
  const place = patientPlace(of);
  const name = personName(of.patientName) || words.unnamed;
  return (
    <Facts
      facts={[
        [
          words.name,
          place === undefined ? (
            name
          ) : (
            <Anchor key="name" component={Link} to={place} fz="sm">
              {name}
            </Anchor>
          ),
        ],
        [words.patientId, of.patientId],
        [words.issuer, of.issuerOfPatientId],
        [words.sex, of.patientSex],
        [words.born, dicomDate(of.patientBirthDate)],
        [words.age, age(of.patientAge, of.patientBirthDate, of.studyDate ?? of.seriesDate)],
      ]}
    />
  );
}
