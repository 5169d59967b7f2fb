import { Stack, Title } from '@mantine/core';
import { strings } from '../strings.ts';
import { useDraft } from './draft.tsx';
import { ExpressionField } from './expression-field.tsx';
import { FilterTrial } from './filter-trial.tsx';

const words = strings.config.filter;

/** What goes on at all. */
export function FilterSection() {
  const { read } = useDraft();
  return (
    <Stack>
      <div className="card">
        <ExpressionField at="/filter/expression" label={words.title} about={words.about} />
      </div>
      <section className="card" aria-labelledby="trial">
        <Title order={2} size="h4" mb="sm" id="trial">
          {strings.config.trial.title}
        </Title>
        <FilterTrial expression={String(read('/filter/expression') ?? '')} />
      </section>
    </Stack>
  );
}
