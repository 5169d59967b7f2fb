import {
  Button,
  Group,
  NativeSelect,
  NumberInput,
  PasswordInput,
  Switch,
  TagsInput,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useState } from 'react';
import { strings } from '../strings.ts';
import { useDraft } from './draft.tsx';
import { typedNumber } from './typed-number.ts';

interface FieldProps {
  /** JSON Pointer into the draft. */
  readonly at: string;
  readonly label: string;
  readonly about?: string;
  readonly required?: boolean;
}

interface TextProps extends FieldProps {
  readonly placeholder?: string;
  readonly mono?: boolean;
  readonly disabled?: boolean;
}

/** What is emptied is left out. */
const orNothing = (text: string) => (text === '' ? undefined : text);

function described({ label, about, required }: FieldProps) {
  return { label, description: about, withAsterisk: required ?? false };
}

export function TextField(props: TextProps) {
  const { at, placeholder, mono, disabled } = props;
  const { read, write, faultAt, touch } = useDraft();
  return (
    <TextInput
      {...described(props)}
      value={String(read(at) ?? '')}
      error={faultAt(at)}
      onBlur={() => touch(at)}
      placeholder={placeholder}
      disabled={disabled ?? false}
      classNames={mono ? { input: 'expression' } : {}}
      onChange={({ currentTarget }) => write(at, orNothing(currentTarget.value))}
    />
  );
}

export function LongTextField(props: TextProps) {
  const { at, placeholder } = props;
  const { read, write, faultAt, touch } = useDraft();
  return (
    <Textarea
      {...described(props)}
      value={String(read(at) ?? '')}
      error={faultAt(at)}
      onBlur={() => touch(at)}
      placeholder={placeholder}
      autosize
      minRows={2}
      maxRows={8}
      classNames={{ input: 'expression' }}
      onChange={({ currentTarget }) => write(at, orNothing(currentTarget.value))}
    />
  );
}

interface NumberProps extends FieldProps {
  readonly placeholder?: string;
  readonly suffix?: string;
}

/** While it is typed, `0.` or `1.50` is shown as it was typed; what is no number, as `-`, is a fault of the draft. */
export function NumberField(props: NumberProps) {
  const { at, placeholder, suffix = '' } = props;
  const { read, write, faultAt, touch } = useDraft();
  const [typed, setTyped] = useState<{ readonly shown: number | string; readonly meant: unknown }>();
  const value = read(at);
  const shown = typeof value === 'number' || typeof value === 'string' ? value : '';

  function type(next: number | string): void {
    const meant = typedNumber(next);
    setTyped({ shown: next, meant });
    write(at, meant);
  }

  return (
    <NumberInput
      {...described(props)}
      // What others have changed since is shown as it is now.
      value={typed !== undefined && Object.is(typed.meant, value) ? typed.shown : shown}
      error={faultAt(at)}
      onBlur={() => touch(at)}
      placeholder={placeholder}
      suffix={suffix}
      hideControls
      onChange={type}
    />
  );
}

export function SwitchField(props: FieldProps & { readonly unlessGiven?: boolean }) {
  const { at, label, about, unlessGiven = false } = props;
  const { read, write } = useDraft();
  return (
    <Switch
      label={label}
      description={about}
      checked={Boolean(read(at) ?? unlessGiven)}
      onChange={({ currentTarget }) => write(at, currentTarget.checked)}
    />
  );
}

interface SelectProps extends FieldProps {
  readonly options: readonly { readonly value: string; readonly label: string }[];
  /** What nothing is called. */
  readonly nothing?: string;
}

export function SelectField(props: SelectProps) {
  const { at, options, nothing } = props;
  const { read, write, faultAt, touch } = useDraft();
  const value = String(read(at) ?? '');
  const unknown = value !== '' && !options.some((option) => option.value === value) ? [{ value, label: value }] : [];
  const none = nothing === undefined && value !== '' ? [] : [{ value: '', label: nothing ?? '' }];
  return (
    <NativeSelect
      {...described(props)}
      value={value}
      error={faultAt(at)}
      onBlur={() => touch(at)}
      data={[...none, ...options, ...unknown]}
      onChange={({ currentTarget }) => write(at, orNothing(currentTarget.value))}
    />
  );
}

interface TagsProps extends FieldProps {
  readonly suggestions?: readonly string[];
  readonly placeholder?: string;
  /** A comma is part of what is written, and ends it nowhere. */
  readonly hasCommas?: boolean;
}

export function TagsField(props: TagsProps) {
  const { at, suggestions = [], placeholder, hasCommas = false } = props;
  const { read, write, faultAt, touch } = useDraft();
  const value = read(at);
  const values = Array.isArray(value) ? value.map(String) : [];
  // A list has its faults at its items.
  const fault = faultAt(at) ?? values.map((_, index) => faultAt(`${at}/${index}`)).find((one) => one !== undefined);
  return (
    <TagsInput
      {...described(props)}
      value={values}
      error={fault}
      onBlur={() => touch(at)}
      data={[...suggestions]}
      splitChars={hasCommas ? [] : [',']}
      placeholder={placeholder}
      clearButtonProps={{ 'aria-label': strings.clearField }}
      onChange={(next) => write(at, next)}
    />
  );
}

interface SecretProps extends FieldProps {
  /** Of several lines, as PEM is, whose line breaks a field of one line would take away. */
  readonly isLong?: boolean;
  /** What it looks like, where there is none. */
  readonly placeholder?: string;
}

/** That there is a secret; undefined for what was typed. */
function secretOnly(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? value : undefined;
}

/** Write-only: that there is one is all that can be seen of it. */
export function SecretField(props: SecretProps) {
  const { at, isLong = false, placeholder } = props;
  const { read, write, before, faultAt, touch } = useDraft();
  const value = read(at);
  const isSet = secretOnly(value) !== undefined;
  const common = {
    ...described(props),
    style: { flex: 1 },
    value: typeof value === 'string' ? value : '',
    error: faultAt(at),
    onBlur: () => touch(at),
    placeholder: isSet ? strings.secretIsSet : (placeholder ?? strings.secretIsNotSet),
    autoComplete: 'new-password',
    onChange: ({ currentTarget }: { currentTarget: { value: string } }) =>
      // Who takes back what was typed has removed nothing: that is what the button is for.
      write(at, orNothing(currentTarget.value) ?? secretOnly(before(at))),
  };
  return (
    <Group align="flex-end" gap="xs" wrap="nowrap">
      {isLong ? (
        <Textarea
          {...common}
          autosize
          minRows={2}
          maxRows={8}
          spellCheck={false}
          classNames={{ input: 'expression' }}
        />
      ) : (
        <PasswordInput {...common} visibilityToggleButtonProps={{ 'aria-label': strings.showSecret }} />
      )}
      {isSet && (
        <Button variant="default" onClick={() => write(at, undefined)} aria-label={strings.removeSecret(props.label)}>
          {strings.remove}
        </Button>
      )}
    </Group>
  );
}
