import { Button, Group, Text, Textarea } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { answered, api } from '../api.ts';
import { strings } from '../strings.ts';
import { useDraft } from './draft.tsx';

const words = strings.config.expression;
const typingMs = 350;

interface ExpressionFieldProps {
  readonly at: string;
  readonly label: string;
  readonly about: string;
}

/** The filter language, with what is wrong shown where it is wrong, and the names of attributes while they are typed. */
export function ExpressionField({ at, label, about }: ExpressionFieldProps) {
  const { read, write, faultAt } = useDraft();
  const expression = String(read(at) ?? '');
  const [caret, setCaret] = useState<number>();
  const field = useRef<HTMLTextAreaElement>(null);
  const [checked] = useDebouncedValue(expression, typingMs);
  const { data, isPlaceholderData } = useQuery({
    queryKey: ['check-filter', checked],
    queryFn: ({ signal }) => answered(api.POST('/api/config/check-filter', { body: { expression: checked }, signal })),
    placeholderData: keepPreviousData,
    enabled: checked !== '',
  });
  // What was said about another text may point anywhere.
  const error = checked === expression && checked !== '' && !isPlaceholderData ? data?.error : undefined;
  const word = caret === undefined ? '' : (/[A-Za-z][A-Za-z0-9]*$/.exec(expression.slice(0, caret))?.[0] ?? '');

  function complete(keyword: string): void {
    const end = caret ?? expression.length;
    const start = end - word.length;
    write(at, expression.slice(0, start) + keyword + expression.slice(end));
    const next = start + keyword.length;
    setCaret(next);
    requestAnimationFrame(() => {
      field.current?.focus();
      field.current?.setSelectionRange(next, next);
    });
  }

  return (
    <div>
      <Textarea
        ref={field}
        label={label}
        description={about}
        placeholder={words.example}
        value={expression}
        error={faultAt(at) ?? error?.message}
        autosize
        minRows={2}
        maxRows={12}
        spellCheck={false}
        classNames={{ input: 'expression' }}
        onChange={({ currentTarget }) => {
          write(at, currentTarget.value);
          setCaret(currentTarget.selectionStart);
        }}
        onSelect={({ currentTarget }) => setCaret(currentTarget.selectionStart)}
      />
      {error && (
        <div className="fault-box" role="alert">
          <p className="fault">
            {expression.slice(0, error.from)}
            <mark>{expression.slice(error.from, Math.max(error.till, error.from + 1)) || ' '}</mark>
            {expression.slice(Math.max(error.till, error.from + 1))}
          </p>
          {error.suggestion && (
            <Text size="sm" mt={4}>
              {words.suggestion} <code>{error.suggestion}</code>
            </Text>
          )}
        </div>
      )}
      {word.length > 1 && <Completions word={word} complete={complete} />}
    </div>
  );
}

function Completions({ word, complete }: { readonly word: string; readonly complete: (keyword: string) => void }) {
  const [wanted] = useDebouncedValue(word, typingMs);
  const { data } = useQuery({
    queryKey: ['filter-attributes', wanted],
    queryFn: ({ signal }) =>
      answered(api.GET('/api/filter-attributes', { params: { query: { text: wanted, limit: 6 } }, signal })),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const others = (data?.items ?? []).filter(({ keyword }) => keyword !== word);
  if (others.length === 0) return null;
  return (
    <Group gap={6} mt={6} role="group" aria-label={words.names}>
      {others.map(({ keyword, name }) => (
        <Button key={keyword} size="compact-xs" variant="default" title={name} onClick={() => complete(keyword)}>
          {keyword}
        </Button>
      ))}
    </Group>
  );
}
