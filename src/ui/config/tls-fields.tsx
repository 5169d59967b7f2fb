import { Accordion, Stack } from '@mantine/core';
import { strings } from '../strings.ts';
import { LongTextField, SecretField } from './fields.tsx';

const words = strings.config.tls;
const pem = '-----BEGIN CERTIFICATE-----';
const pemKey = '-----BEGIN PRIVATE KEY-----';

/** Certificates of the other side and of ours; few need them. */
export function TlsFields({ at }: { readonly at: string }) {
  return (
    <Accordion variant="contained" mb="md">
      <Accordion.Item value="tls">
        <Accordion.Control>{words.title}</Accordion.Control>
        <Accordion.Panel>
          <Stack>
            <LongTextField at={`${at}/ca`} label={words.ca} about={words.caAbout} placeholder={pem} />
            <LongTextField at={`${at}/certificate`} label={words.certificate} placeholder={pem} />
            <SecretField at={`${at}/key`} label={words.key} about={words.keyAbout} placeholder={pemKey} isLong />
          </Stack>
        </Accordion.Panel>
      </Accordion.Item>
    </Accordion>
  );
}
