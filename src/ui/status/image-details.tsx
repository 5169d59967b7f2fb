import { Button, Slider, Stack, Text, Title } from '@mantine/core';
import { Download, FileText, Image } from 'lucide-react';
import { useState } from 'react';
import { useParams } from 'react-router';
import { answered, api, dicomweb, type Schemas } from '../api.ts';
import { bytes, moment, wholeNumber } from '../format.ts';
import { Facts } from '../shared/facts.tsx';
import { Failure } from '../shared/failure.tsx';
import { PictureOrWhy } from '../shared/picture-or-why.tsx';
import { strings } from '../strings.ts';
import { AttributeTree } from './attribute-tree.tsx';
import { Details } from './details.tsx';
import { uidFact } from './entity-facts.tsx';
import { DownloadButton, EntityTitle } from './entity-title.tsx';
import { Ledger } from './ledger.tsx';
import { PatientFacts } from './patient-facts.tsx';

const words = strings.columns;

export function ImageDetails() {
  const { uid = '' } = useParams();
  return (
    <Details
      kind="images"
      id={uid}
      read={(signal) => answered(api.GET('/api/images/{instance}', { params: { path: { instance: uid } }, signal }))}
    >
      {(image) => <ImageOf key={uid} image={image} />}
    </Details>
  );
}

function ImageOf({ image }: { readonly image: Schemas['ImageRow'] }) {
  const { sopInstanceUid: uid, seriesInstanceUid: series, studyInstanceUid: study } = image;
  const path = `/studies/${study}/series/${series}/instances/${uid}`;
  // Of what replaces it, the first is shown.
  const [chosen, choose] = useState({ of: image.sha256, frame: 1 });
  const shown = chosen.of === image.sha256 ? chosen.frame : 1;
  const title = [image.sopClassName ?? strings.status.images.singular, image.instanceNumber]
    .filter((part) => part !== undefined)
    .join(' · ');
  return (
    <>
      <EntityTitle
        title={title}
        uids={{ study, series, instance: uid }}
        path={path}
        of={image}
        question={strings.actions.deleteImage}
        downloads={
          <>
            <DownloadButton
              path={path}
              accept="application/dicom; transfer-syntax=*"
              file={`${uid}.dcm`}
              icon={Download}
            >
              {strings.actions.dicom}
            </DownloadButton>
            {image.frames > 0 && (
              <DownloadButton
                path={`${path}/frames/${shown}/rendered`}
                accept="image/png"
                file={image.frames > 1 ? `${uid}-${shown}.png` : `${uid}.png`}
                icon={Image}
              >
                {strings.actions.png}
              </DownloadButton>
            )}
          </>
        }
      />
      <div className="grid">
        <section className="span-7" aria-label={strings.picture}>
          {image.frames > 0 ? (
            <Picture
              key={image.sha256}
              path={path}
              version={image.sha256}
              frames={image.frames}
              shown={shown}
              show={(frame) => choose({ of: image.sha256, frame })}
            />
          ) : (
            <NoPicture path={path} />
          )}
        </section>
        <section className="card span-5" aria-label={strings.details}>
          <Title order={2} size="h4" mb="sm">
            {strings.status.patients.singular}
          </Title>
          <PatientFacts of={image} />
          <Title order={2} size="h4" mt="lg" mb="sm">
            {strings.status.images.singular}
          </Title>
          <Facts
            facts={[
              uidFact(uid),
              [words.type, image.sopClassName],
              [
                words.sopClass,
                <span key="class" className="mono">
                  {image.sopClassUid}
                </span>,
              ],
              [
                words.transferSyntax,
                <span key="syntax">
                  {image.transferSyntaxName} <span className="mono dim">{image.transferSyntaxUid}</span>
                </span>,
              ],
              [words.modality, image.modality],
              [words.frames, wholeNumber(image.frames)],
              [
                words.dimensions,
                image.columns === undefined || image.rows === undefined ? '' : `${image.columns} × ${image.rows}`,
              ],
              [words.size, `${bytes(image.size)} (${wholeNumber(image.size)} B)`],
              [
                words.sha256,
                <span key="hash" className="mono">
                  {image.sha256}
                </span>,
              ],
              [words.door, image.door],
              [words.callingAeTitle, image.callingAeTitle],
              [words.sentFrom, image.address],
              [words.created, moment(image.createdAt)],
            ]}
          />
        </section>
        <Ledger study={study} series={series} instance={uid} />
        <section className="card span-12" aria-labelledby="attributes">
          <AttributeTree path={path} version={image.sha256} />
        </section>
      </div>
    </>
  );
}

interface PictureProps {
  readonly path: string;
  /** Of the content: what replaces it is another picture, at an address of its own. */
  readonly version: string;
  readonly frames: number;
  /** The frame, from 1. */
  readonly shown: number;
  readonly show: (frame: number) => void;
}

function Picture({ path, version, frames, shown, show }: PictureProps) {
  // The picture follows the slider when it rests.
  const [frame, setFrame] = useState(shown);
  return (
    <Stack gap="sm">
      <div className="picture">
        <PictureOrWhy
          alt={strings.frameOf(shown, frames)}
          src={dicomweb(`${path}/frames/${shown}/rendered`, {
            accept: 'image/jpeg',
            viewport: '1024,1024',
            content: version,
          })}
          why={(error) => <Failure title={strings.pictureFailed} error={error} />}
        />
      </div>
      {frames > 1 && (
        <div>
          <Text size="sm" c="dimmed">
            {strings.frameOf(frame, frames)}
          </Text>
          <Slider
            min={1}
            max={frames}
            value={frame}
            onChange={setFrame}
            onChangeEnd={show}
            label={null}
            thumbLabel={strings.frame}
          />
        </div>
      )}
    </Stack>
  );
}

/** Reports, documents and what else has no pixels is opened as what it is. */
function NoPicture({ path }: { readonly path: string }) {
  return (
    <div className="card empty">
      <Text mb="sm">{strings.noPicture}</Text>
      <Button
        component="a"
        variant="default"
        target="_blank"
        rel="noreferrer"
        href={dicomweb(`${path}/rendered`, { accept: 'application/pdf, text/html, image/jpeg' })}
        leftSection={<FileText size={16} aria-hidden="true" />}
      >
        {strings.actions.document}
      </Button>
    </div>
  );
}
