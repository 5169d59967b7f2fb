// Generated from openapi/causeway.yaml by `npm run generate`.

export interface paths {
    "/dicom-web": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        /** What the methods of all resources take and answer; asked of a resource, those of it and of what lies below it */
        options: operations["retrieveCapabilities"];
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dicom-web/conformance": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What is kept, produced and matched, and within which limits */
        get: operations["retrieveConformance"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dicom-web/studies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Search for studies */
        get: operations["searchStudies"];
        put?: never;
        /** Store instances of any study */
        post: operations["storeInstances"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dicom-web/studies/$bulkUpdate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Correct patient and study attributes of everything stored of at most 50 studies */
        post: operations["startBulkUpdate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dicom-web/series": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Search for series of all studies */
        get: operations["searchAllSeries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dicom-web/instances": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Search for instances of all studies */
        get: operations["searchAllInstances"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dicom-web/studies/{study}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
            };
            cookie?: never;
        };
        /** Retrieve the instances of a study */
        get: operations["retrieveStudy"];
        put?: never;
        /** Store instances of one study; others are refused (A901) */
        post: operations["storeInstancesOfStudy"];
        /** Delete a study */
        delete: operations["deleteStudy"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dicom-web/studies/{study}/metadata": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
            };
            cookie?: never;
        };
        /** Metadata of the instances of a study */
        get: operations["retrieveStudyMetadata"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dicom-web/studies/{study}/rendered": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
            };
            cookie?: never;
        };
        /** A picture of a study */
        get: operations["retrieveRenderedStudy"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dicom-web/studies/{study}/thumbnail": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
            };
            cookie?: never;
        };
        /** A small picture of a study */
        get: operations["retrieveStudyThumbnail"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dicom-web/studies/{study}/series": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
            };
            cookie?: never;
        };
        /** Search for series of a study */
        get: operations["searchSeriesOfStudy"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dicom-web/studies/{study}/instances": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
            };
            cookie?: never;
        };
        /** Search for instances of a study */
        get: operations["searchInstancesOfStudy"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dicom-web/studies/{study}/series/{series}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
                /** @description Series Instance UID */
                series: components["parameters"]["series"];
            };
            cookie?: never;
        };
        /** Retrieve the instances of a series */
        get: operations["retrieveSeries"];
        put?: never;
        post?: never;
        /** Delete a series */
        delete: operations["deleteSeries"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dicom-web/studies/{study}/series/{series}/metadata": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
                /** @description Series Instance UID */
                series: components["parameters"]["series"];
            };
            cookie?: never;
        };
        /** Metadata of the instances of a series */
        get: operations["retrieveSeriesMetadata"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dicom-web/studies/{study}/series/{series}/rendered": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
                /** @description Series Instance UID */
                series: components["parameters"]["series"];
            };
            cookie?: never;
        };
        /** A picture of a series */
        get: operations["retrieveRenderedSeries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dicom-web/studies/{study}/series/{series}/thumbnail": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
                /** @description Series Instance UID */
                series: components["parameters"]["series"];
            };
            cookie?: never;
        };
        /** A small picture of a series */
        get: operations["retrieveSeriesThumbnail"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dicom-web/studies/{study}/series/{series}/instances": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
                /** @description Series Instance UID */
                series: components["parameters"]["series"];
            };
            cookie?: never;
        };
        /** Search for instances of a series */
        get: operations["searchInstancesOfSeries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dicom-web/studies/{study}/series/{series}/instances/{instance}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
                /** @description Series Instance UID */
                series: components["parameters"]["series"];
                /** @description SOP Instance UID */
                instance: components["parameters"]["instance"];
            };
            cookie?: never;
        };
        /** Retrieve an instance */
        get: operations["retrieveInstance"];
        put?: never;
        post?: never;
        /** Delete an instance */
        delete: operations["deleteInstance"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dicom-web/studies/{study}/series/{series}/instances/{instance}/metadata": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
                /** @description Series Instance UID */
                series: components["parameters"]["series"];
                /** @description SOP Instance UID */
                instance: components["parameters"]["instance"];
            };
            cookie?: never;
        };
        /** Metadata of an instance */
        get: operations["retrieveInstanceMetadata"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dicom-web/studies/{study}/series/{series}/instances/{instance}/rendered": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
                /** @description Series Instance UID */
                series: components["parameters"]["series"];
                /** @description SOP Instance UID */
                instance: components["parameters"]["instance"];
            };
            cookie?: never;
        };
        /**
         * A picture of an instance, its document or video as it is stored, or a report as a page
         * @description An encapsulated document goes out as its own media type, a video as `video/mp4` or `video/mpeg`, whole or in ranges of
         *     bytes; both without regard to the parameters of pictures. A structured report goes out as `text/html`, `text/plain` or `text/xml` (Native DICOM Model), with
         *     links to what it refers to. Frames of an image are played as `image/gif` and, where the server has ffmpeg, as `video/mp4`;
         *     who names neither gets a picture of the first. A Grayscale or Color Softcopy Presentation State shows the images
         *     that it refers to: all of them in parts or, of one size, played; or the first as a single picture. Of all else a picture is made.
         */
        get: operations["retrieveRenderedInstance"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dicom-web/studies/{study}/series/{series}/instances/{instance}/thumbnail": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
                /** @description Series Instance UID */
                series: components["parameters"]["series"];
                /** @description SOP Instance UID */
                instance: components["parameters"]["instance"];
            };
            cookie?: never;
        };
        /** A small picture of an instance */
        get: operations["retrieveInstanceThumbnail"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dicom-web/studies/{study}/series/{series}/instances/{instance}/frames/{frames}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
                /** @description Series Instance UID */
                series: components["parameters"]["series"];
                /** @description SOP Instance UID */
                instance: components["parameters"]["instance"];
                /** @description Frame numbers from 1, separated by commas */
                frames: components["parameters"]["frames"];
            };
            cookie?: never;
        };
        /** Frames of an instance, in the order asked */
        get: operations["retrieveFrames"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dicom-web/studies/{study}/series/{series}/instances/{instance}/frames/{frames}/rendered": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
                /** @description Series Instance UID */
                series: components["parameters"]["series"];
                /** @description SOP Instance UID */
                instance: components["parameters"]["instance"];
                /** @description Frame numbers from 1, separated by commas */
                frames: components["parameters"]["frames"];
            };
            cookie?: never;
        };
        /** A picture of one frame; several in parts, or played one after the other */
        get: operations["retrieveRenderedFrame"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dicom-web/studies/{study}/series/{series}/instances/{instance}/frames/{frames}/thumbnail": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
                /** @description Series Instance UID */
                series: components["parameters"]["series"];
                /** @description SOP Instance UID */
                instance: components["parameters"]["instance"];
                /** @description Frame numbers from 1, separated by commas */
                frames: components["parameters"]["frames"];
            };
            cookie?: never;
        };
        /** A small picture of one frame */
        get: operations["retrieveFrameThumbnail"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dicom-web/studies/{study}/series/{series}/instances/{instance}/bulkdata/{path}*": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
                /** @description Series Instance UID */
                series: components["parameters"]["series"];
                /** @description SOP Instance UID */
                instance: components["parameters"]["instance"];
                /** @description Tag of the value, through sequences as `54000100/0/54001010` (item indexes from 0) */
                path: string;
            };
            cookie?: never;
        };
        /** A value that metadata refers to by BulkDataURI */
        get: operations["retrieveBulkdata"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dicom-web/studies/count": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Number of studies that match */
        get: operations["countStudies"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dicom-web/series/count": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Number of series of all studies that match */
        get: operations["countAllSeries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dicom-web/instances/count": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Number of instances of all studies that match */
        get: operations["countAllInstances"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dicom-web/studies/{study}/series/count": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
            };
            cookie?: never;
        };
        /** Number of series of a study that match */
        get: operations["countSeriesOfStudy"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dicom-web/studies/{study}/instances/count": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
            };
            cookie?: never;
        };
        /** Number of instances of a study that match */
        get: operations["countInstancesOfStudy"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dicom-web/studies/{study}/series/{series}/instances/count": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
                /** @description Series Instance UID */
                series: components["parameters"]["series"];
            };
            cookie?: never;
        };
        /** Number of instances of a series that match */
        get: operations["countInstancesOfSeries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dicom-web/changefeed": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Changes in order; with `Accept: text/event-stream`, every change as it happens */
        get: operations["readChangeFeed"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dicom-web/changefeed/latest": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The last change */
        get: operations["readLatestChange"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dicom-web/extendedquerytags": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Extended query tags */
        get: operations["listExtendedQueryTags"];
        put?: never;
        /** Make attributes searchable; a list of at most 128 */
        post: operations["addExtendedQueryTags"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dicom-web/extendedquerytags/{tagPath}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tag or keyword */
                tagPath: components["parameters"]["tagPath"];
            };
            cookie?: never;
        };
        /** An extended query tag */
        get: operations["getExtendedQueryTag"];
        put?: never;
        post?: never;
        /** Make an attribute searchable no longer */
        delete: operations["deleteExtendedQueryTag"];
        options?: never;
        head?: never;
        /** Let searches use the tag, or keep them from it */
        patch: operations["updateExtendedQueryTag"];
        trace?: never;
    };
    "/dicom-web/extendedquerytags/{tagPath}/errors": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tag or keyword */
                tagPath: components["parameters"]["tagPath"];
            };
            cookie?: never;
        };
        /** Instances with values that searches by the tag do not find */
        get: operations["listExtendedQueryTagErrors"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/dicom-web/operations/{operation}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How far the reading of new extended query tags, or a bulk update, has come */
        get: operations["getOperation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/wado": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * An instance, or a picture, video or document of it (WADO-URI)
         * @description Lives beside the DICOMweb base path, at the configured path. Without `contentType` the answer is a JPEG picture,
         *     the stream of a video, or `application/dicom` where the instance has no pixels; an encapsulated document is had by
         *     its own media type, a structured report as `text/html`, `text/plain` or `text/xml`, frames that are played as `image/gif` or, where the server has ffmpeg,
         *     `video/mp4`. Parameters of the one form are refused with the other.
         */
        get: operations["retrieveByUri"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/peers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Known peers, by AE title */
        get: operations["listPeers"];
        put?: never;
        /** Make a peer known */
        post: operations["addPeer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/peers/{aeTitle}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                aeTitle: components["parameters"]["aeTitle"];
            };
            cookie?: never;
        };
        /** A peer */
        get: operations["getPeer"];
        /** Make a peer known, or change it */
        put: operations["putPeer"];
        post?: never;
        /** Forget a peer */
        delete: operations["deletePeer"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/peer-changes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who made which peer known, changed or removed it, the newest first */
        get: operations["listPeerChanges"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/peers/{aeTitle}/echo": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                aeTitle: components["parameters"]["aeTitle"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Is the peer there? A C-ECHO over an association of its own */
        post: operations["echoPeer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What to type into a modality, whether everything is well, and how much there is */
        get: operations["getStatus"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What happens on the node that is asked, as server-sent events
         * @description The name of each event is its `kind`, its data is JSON as in `HouseEvent`. The last 200 are kept in memory: who was
         *     away for a moment is told what happened since `Last-Event-ID` or `after`, if it was told by the same process, and
         *     reads what there is now. `recent` asks for what happened last to be told first. An event `missed` says how many
         *     were left out.
         */
        get: operations["followEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/images": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Instances, the last that came first */
        get: operations["listImages"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/series": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Series, the last that came first */
        get: operations["listSeries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/studies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Studies, the last that came first */
        get: operations["listStudies"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/patients": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Patients, those of the last studies first */
        get: operations["listPatients"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/images/{instance}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description SOP Instance UID */
                instance: components["parameters"]["instance"];
            };
            cookie?: never;
        };
        /** An instance, with everything that is known about how it came */
        get: operations["getImage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/series/{series}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Series Instance UID */
                series: components["parameters"]["series"];
            };
            cookie?: never;
        };
        /** A series, with everything that is known about how it came */
        get: operations["getSeries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/studies/{study}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
            };
            cookie?: never;
        };
        /** A study, with everything that is known about how it came */
        get: operations["getStudy"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/config": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The configuration as it is now; `ETag` is its version, and secrets are told only to be there */
        get: operations["getConfiguration"];
        /** Replace the whole configuration; effective on all nodes within a second */
        put: operations["putConfiguration"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/config/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who changed what when, the newest first */
        get: operations["listConfigurationVersions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/config/versions/{version}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                version: components["parameters"]["version"];
            };
            cookie?: never;
        };
        /** The configuration as it was */
        get: operations["getConfigurationVersion"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/config/versions/{version}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                version: components["parameters"]["version"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a new version of an old one, with the secrets that it had */
        post: operations["restoreConfigurationVersion"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/config/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The configuration as a file that another site can import; secrets are not in it */
        get: operations["exportConfiguration"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/config/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Replace the configuration by that of a file; secrets that are set here for the same place and address stay
         * @description Peers that the file brings and that are not known here are made known. 409 if one of the same title has another host,
         *     port or TLS here, unless `peers` says that it is to be replaced.
         */
        post: operations["importConfiguration"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/config/check-filter": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Is this an expression of the filter language? */
        post: operations["checkFilter"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/config/try-filter": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What would a filter select of what is stored? Bounded in time; what was not looked at is said */
        post: operations["tryFilter"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/filter-attributes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Names that expressions of the filter language may use, for completion */
        get: operations["listFilterAttributes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/publishers/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Would a destination take what is sent to it? Step by step: address, connection, certificate, credentials, protocol
         * @description Tests the destination that is given, or that of the named publisher as it is configured. Secrets are given anew, or
         *     `{"set": true}` stands for those of the named publisher or endpoint. Nothing is stored at the destination but for a
         *     bucket and a folder, to which an empty file is written that is removed again.
         */
        post: operations["testPublisher"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/graphs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Ways of series and studies to their destinations, the last that changed first */
        get: operations["listGraphs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/graphs/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send to a publisher what is stored already; graphs are made one after the other */
        post: operations["startReplay"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/graphs/replay/{replay}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                replay: components["parameters"]["replay"];
            };
            cookie?: never;
        };
        /** How far a replay is */
        get: operations["getReplay"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/graphs/{graph}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                graph: components["parameters"]["graph"];
            };
            cookie?: never;
        };
        /** A graph with its tasks (the first 1000, in their order) */
        get: operations["getGraph"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/graphs/{graph}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                graph: components["parameters"]["graph"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Do again what has failed, and do now what waits */
        post: operations["retryGraph"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tasks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What is to be done, was done, or has failed, the last that changed first */
        get: operations["listTasks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tasks/{task}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                task: components["parameters"]["task"];
            };
            cookie?: never;
        };
        /** A task */
        get: operations["getTask"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tasks/{task}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                task: components["parameters"]["task"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Do a task again that has failed, or now one that waits, and what has failed because of it */
        post: operations["retryTask"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/send": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send a study, series or instance to a publisher at once, whatever its filter says and whether it was sent before */
        post: operations["sendNow"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Has this study arrived there, complete? Per publisher, and what left instance by instance */
        get: operations["listDeliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/results": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What came back to a graph or a study, and what became of it */
        get: operations["listResults"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/why-not": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Why a study is not there (yet) */
        get: operations["whyNotSent"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/worklist": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Worklist items, by id */
        get: operations["listWorklist"];
        put?: never;
        /** Schedule a procedure step, under an id of Causeway's */
        post: operations["addWorklistItem"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/worklist/{item}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                item: components["schemas"]["WorklistItemId"];
            };
            cookie?: never;
        };
        /** A worklist item */
        get: operations["getWorklistItem"];
        /** Schedule a procedure step under an id of one's own, or change it */
        put: operations["putWorklistItem"];
        post?: never;
        /** Take a procedure step off the worklist */
        delete: operations["deleteWorklistItem"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The process answers */
        get: operations["live"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Index and blob store can be used */
        get: operations["ready"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Metrics in the Prometheus text format */
        get: operations["metrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        RowId: string;
        /** @enum {string} */
        PublishingStatus: "INITIAL" | "SUCCESS" | "FAILED";
        /** @enum {string} */
        PublishingTaskType: "filter" | "compress" | "anonymise" | "upload" | "confirm" | "results" | "publish-back";
        PublishingGraph: {
            id: components["schemas"]["RowId"];
            publisher: string;
            /** @enum {string} */
            unit: "series" | "study" | "instance";
            /**
             * @description What it comes from: the unit came to rest, a replay, `/api/send`, or a result that came back from another publisher
             * @enum {string}
             */
            origin: "arrival" | "replay" | "send" | "publish-back";
            /** @description UID of the series, study or instance */
            referenceUid: string;
            studyInstanceUid: string;
            seriesInstanceUid?: string;
            status: components["schemas"]["PublishingStatus"];
            /** @description Why, for people: of the first task that failed */
            failure?: string;
            /** @description For people: such as why nothing was to be sent */
            note?: string;
            instances: number;
            /** @description Instances that filters let through so far */
            selected: number;
            /** @description Instances that were accepted so far */
            delivered: number;
            /** @description Tasks by status */
            tasks: {
                INITIAL: number;
                SUCCESS: number;
                FAILED: number;
                /** @description Of those that are INITIAL */
                running: number;
            };
            configurationVersion: number;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
            /** Format: date-time */
            finishedAt?: string;
        };
        PublishingGraphs: {
            items: components["schemas"]["PublishingGraph"][];
            total: number;
            /** @description False: there are more than `total`, and nobody counted on */
            totalIsExact: boolean;
            /** @description `offset` of the next page; absent on the last */
            next?: string;
        };
        PublishingGraphWithTasks: {
            graph: components["schemas"]["PublishingGraph"];
            tasks: components["schemas"]["PublishingTask"][];
        };
        PublishingTask: {
            id: components["schemas"]["RowId"];
            graph: components["schemas"]["RowId"];
            publisher: string;
            referenceUid: string;
            studyInstanceUid: string;
            type: components["schemas"]["PublishingTaskType"];
            /** @description Tasks of the same graph that have to end before: to succeed; for results and publish-back, at least one of them */
            deps: components["schemas"]["RowId"][];
            status: components["schemas"]["PublishingStatus"];
            /** @description Why, the last time or for good; for people */
            failure?: string;
            /** @description For people */
            note?: string;
            /** @description That have failed */
            attempts: number;
            /**
             * Format: date-time
             * @description While it waits: not before
             */
            dueAt?: string;
            /** @description While it runs: the node */
            runningOn?: string;
            /**
             * Format: date-time
             * @description The last time
             */
            startedAt?: string;
            /** Format: date-time */
            finishedAt?: string;
            /** @description Instances */
            done: number;
            /** @description Instances */
            total: number;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
        };
        PublishingTasks: {
            items: components["schemas"]["PublishingTask"][];
            total: number;
            /** @description False: there are more than `total`, and nobody counted on */
            totalIsExact: boolean;
            /** @description `offset` of the next page; absent on the last */
            next?: string;
        };
        NewReplay: {
            publisher: components["schemas"]["ConfigurationName"];
            /** @description Asked instead of the filters of site and publisher; empty for everything */
            expression?: string;
            /** @description Stored not before; a date (its begin) or a moment */
            from: string;
            /** @description Stored not after; a date (to its end) or a moment */
            till: string;
            /**
             * @description Send also what the publisher has accepted already
             * @default false
             */
            again: boolean;
        };
        Replay: {
            id: components["schemas"]["RowId"];
            publisher: string;
            expression?: string;
            /** Format: date-time */
            from: string;
            /** Format: date-time */
            till: string;
            again: boolean;
            status: components["schemas"]["PublishingStatus"];
            /** @description Made so far */
            graphs: number;
            /** Format: date-time */
            createdAt: string;
        };
        Deliveries: {
            studyInstanceUid: string;
            publishers: {
                publisher: string;
                /** @description Instances of the study that are stored */
                here: number;
                /** @description Those that were to go there, be they stored or deleted here since */
                selected: number;
                /** @description Of these, those that left as they are stored now, or were when they were deleted */
                sent: number;
                /** @description Of these, those that the receiver took */
                accepted: number;
                /** @description Of these, those that it was asked about and has; without those of which it had something before they came, or may have had, which may be something else */
                confirmed: number;
                /** @description Selected and not accepted, or accepted and not there as the receiver says since, or there before it came, which may be something else; or not confirmed, where it is to be asked */
                missing: number;
                /** @description Something was selected, nothing is missing or under way, and nothing that has arrived is still to be planned */
                complete: boolean;
            }[];
            items: components["schemas"]["Delivery"][];
            total: number;
            /** @description `offset` of the next page; absent on the last */
            next?: string;
        };
        Delivery: {
            publisher: string;
            seriesInstanceUid: string;
            sopInstanceUid: string;
            /** @description Whether what left is what is stored now */
            current: boolean;
            /** @enum {string} */
            status: "accepted" | "refused";
            /** @description What the receiver said, for people */
            answer: string;
            /** Format: date-time */
            sentAt: string;
            /** @description What left */
            sent?: {
                sopInstanceUid: string;
                transferSyntaxUid: string;
                size: number;
                sha256: string;
            };
            /** Format: date-time */
            confirmedAt?: string;
            /** @description What the receiver said when it was asked, for people */
            confirmation?: string;
            graph?: components["schemas"]["RowId"];
        };
        PublishingResults: {
            items: components["schemas"]["PublishingResult"][];
            total: number;
            /** @description `offset` of the next page; absent on the last */
            next?: string;
        };
        PublishingResult: {
            /** @description By which the receiver names it: the SOP Instance UID, or a hash of its link */
            id: string;
            publisher: string;
            graph: components["schemas"]["RowId"];
            /**
             * @description `left-out`: not kept, and nothing is lost by it; `refused`: not kept, and somebody has to see to it; `missing`: it could not be had, and is asked for again
             * @enum {string}
             */
            status: "stored" | "left-out" | "refused" | "missing";
            /** @description What became of it and why, for people */
            answer: string;
            /** Format: date-time */
            at: string;
            /** @description As what it is here */
            stored?: {
                studyInstanceUid: string;
                seriesInstanceUid: string;
                sopInstanceUid: string;
            };
        };
        WhyNot: {
            publisher: string;
            studyInstanceUid: string;
            /**
             * @description `partly`: some instances are there, and others are none that the filters let through
             * @enum {string}
             */
            verdict: "delivered" | "waiting" | "failed" | "not-selected" | "not-planned" | "partly";
            /** @description For people, the most important first */
            reasons: string[];
            /** @description Clauses of filters that said no, with the instances about which they did */
            refusals: {
                /**
                 * @description Whose filter
                 * @enum {string}
                 */
                of: "site" | "publisher" | "replay";
                clause: string;
                /** @description Into the expression, from 0 */
                from: number;
                till: number;
                because: string;
                instances: number;
            }[];
            /** @description Those that have failed or are still to be done */
            tasks: components["schemas"]["PublishingTask"][];
        };
        Uid: string;
        /** Format: binary */
        Binary: string;
        /** @description A data set in the DICOM JSON Model (PS3.18 Annex F) */
        DicomJson: {
            [key: string]: components["schemas"]["DicomJsonElement"];
        };
        DicomJsonElement: {
            vr: string;
            Value?: unknown[];
            InlineBinary?: string;
            BulkDataURI?: string;
        };
        /** @description RFC 9457 */
        Problem: {
            /** @description Stable: `urn:causeway:problem:` and a code */
            type: string;
            title: string;
            status: number;
            /** @description The reason in words */
            detail: string;
            /** @description `urn:uuid:` and the id of the request, as in `X-Request-Id` and in the log */
            instance?: string;
            /** @description Request parameter at fault */
            parameter?: string;
            /** @description DICOM attribute at fault */
            tag?: string;
            /** @description Byte offset where reading stopped making sense */
            offset?: number;
            /** @description Name of the limit that was exceeded */
            limit?: string;
            /** @description What would have been acceptable */
            acceptable?: string[];
            /** @description All that is wrong with a body, where that is told one by one */
            errors?: components["schemas"]["BodyError"][];
        };
        BodyError: {
            /** @description JSON Pointer (RFC 6901) into the body: `/publishers/0/expression` */
            path: string;
            message: string;
            /** @description Of an expression: index of the first character at fault */
            from?: number;
            /** @description Of an expression: index behind the last character at fault */
            till?: number;
        };
        Count: {
            count: number;
        };
        Change: {
            /** @description 1, 2, 3 … without a gap */
            Sequence: number;
            StudyInstanceUid: string;
            SeriesInstanceUid: string;
            SopInstanceUid: string;
            /** @enum {string} */
            Action: "create" | "update" | "delete";
            /**
             * Format: date-time
             * @description Never earlier than that of the change before
             */
            Timestamp: string;
            /**
             * @description Of what the change brought, now: it is there, other content took its place, nothing is there any more
             * @enum {string}
             */
            State: "current" | "replaced" | "deleted";
            Metadata?: components["schemas"]["DicomJson"];
        };
        /** @description Names of members in any case */
        NewExtendedQueryTag: {
            /** @description Tag or keyword */
            Path: string;
            /** @description Needed where the dictionary does not know the tag */
            VR?: string;
            /** @enum {string} */
            Level: "Study" | "Series" | "Instance";
            /** @description Needed for private tags */
            PrivateCreator?: string;
        };
        ExtendedQueryTag: {
            path: string;
            vr: string;
            /** @enum {string} */
            level: "Study" | "Series" | "Instance";
            privateCreator?: string;
            /** @enum {string} */
            status: "Adding" | "Ready";
            /**
             * @description The first error of reading what is stored disables queries; who enables them again accepts that matches are missing
             * @enum {string}
             */
            queryStatus: "Enabled" | "Disabled";
            /** @description Of instances with values that are not found; there only if there are some */
            errors?: {
                count: number;
                /** Format: uri */
                href: string;
            };
            operation?: components["schemas"]["OperationReference"];
        };
        ExtendedQueryTagError: {
            studyInstanceUid: string;
            seriesInstanceUid: string;
            /** @description The instance that brought the value; of a tag of a study or series, whichever came last */
            sopInstanceUid: string;
            /** Format: date-time */
            createdTime: string;
            /** @description Never holds the value itself */
            errorMessage: string;
        };
        /** @description 1 to 16 printable ASCII characters without backslash, no space at either end */
        AeTitle: string;
        PeerProperties: {
            /** @description Host name or IP address */
            host: string;
            /** @description Where it listens; without one it cannot be called */
            port?: number;
            /** @description Called by TLS, with the key and certificates of the configuration; without TLS unless given */
            tls?: {
                /** @description Whether its certificate has to be for the host by which it is called */
                checkHostName: boolean;
            };
            /** @description As which it is called, if not by the AE title of Causeway */
            callingAeTitle?: components["schemas"]["AeTitle"];
            /** @description As whom it is called (PS3.7 D.3.3.7) */
            userIdentity?: {
                userName: string;
                /** @description Never answered; one that is left out stays as long as user, host, port and TLS do, and has to be given where one of these changes. Empty: none */
                passcode?: string;
            };
            /** @description What it may ask of us; everything unless given */
            may?: ("query" | "retrieve" | "store")[];
            /** @description UIDs in which instances are sent to it: each in the first of these that it takes and that can be had without loss, else in Explicit or Implicit VR Little Endian. What is stored with loss goes as it is stored if that is among them, what has no pixels is not compressed. Unless given, all go as they are stored, or converted to what it takes */
            transferSyntaxes?: components["schemas"]["Uid"][];
            /** @description Values of Specific Character Set (0008,0005) that it understands, the best first, such as `ISO_IR 100` or `\ISO 2022 IR 87`. Answers to its C-FIND queries are in the one that the query names, else in the first of these that has every character, else in UTF-8 */
            characterSets?: string[];
            /**
             * @description What to do with different content under a SOP Instance UID that is known; as the configuration says unless given
             * @enum {string}
             */
            onDifferentContent?: "reject" | "replace" | "keep";
            /**
             * @description How instances are fetched from it; `auto` is C-GET, and C-MOVE to Causeway for what does not come so
             * @enum {string}
             */
            retrieveBy?: "auto" | "get" | "move";
            /** @description Associations that Causeway opens to it at the same time */
            maxAssociations?: number;
        };
        Peer: components["schemas"]["PeerProperties"] & {
            aeTitle: components["schemas"]["AeTitle"];
            /**
             * @description Those of the configuration are changed there
             * @enum {string}
             */
            origin: "configuration" | "api";
            userIdentity?: {
                /** @description Whether its user has a passcode */
                passcodeIsSet?: boolean;
            };
        };
        PeerChange: {
            /** Format: date-time */
            at: string;
            /** @description User that a trusted proxy has let in, else the address */
            by: string;
            /** @enum {string} */
            action: "added" | "changed" | "removed";
            aeTitle: components["schemas"]["AeTitle"];
            /** @description As it was from then on; absent of one that was removed */
            peer?: components["schemas"]["Peer"];
        };
        WorklistItemId: string;
        WorklistItem: {
            id: components["schemas"]["WorklistItemId"];
            /** Format: date-time */
            updatedAt: string;
            /**
             * @description What modalities have made of it, by performed procedure steps (MPPS); none before one has begun. Modalities are told it as Scheduled Procedure Step Status (0040,0020), and of what is completed only if they ask for that status
             * @enum {string}
             */
            status?: "STARTED" | "COMPLETED" | "DISCONTINUED";
            /** @description What was done of it, the first first */
            performed: components["schemas"]["PerformedStep"][];
            /** @description One scheduled procedure step, with what modalities are to be told of it (PS3.4 K.6.1.2.2) */
            dataSet: components["schemas"]["DicomJson"];
        };
        /** @description What a modality has told of a step that it performs (PS3.4 Annex F) */
        PerformedStep: {
            sopInstanceUid: components["schemas"]["Uid"];
            /** @enum {string} */
            status: "IN PROGRESS" | "COMPLETED" | "DISCONTINUED";
            stationAeTitle: string;
            /** @description As DICOM has dates */
            startDate: string;
            /** @description As DICOM has times */
            startTime: string;
            endDate?: string;
            endTime?: string;
            /** @description True if it was discontinued because the wrong item had been selected: the item is as if it had not begun */
            wrongEntry?: boolean;
            series: {
                seriesInstanceUid: string;
                description?: string;
                /** @description To which it refers */
                instances: number;
            }[];
        };
        PeerEcho: {
            reached: boolean;
            /** @description Of association and answer together */
            durationMs: number;
            /** @description Why not, for a person */
            error?: string;
        };
        /** @description What a site has decided about forwarding */
        Configuration: {
            /** @default [] */
            api: components["schemas"]["CloudEndpoint"][];
            filter?: components["schemas"]["SiteFilter"];
            upload?: components["schemas"]["Upload"];
            /** @default [] */
            publishers: components["schemas"]["Publisher"][];
            purge?: components["schemas"]["PurgePolicy"];
        };
        /** @description When stored instances are deleted here; never, if left out */
        PurgePolicy: {
            /** @description Since the instance was stored */
            afterDays: number;
            /** @description Publishers of which each has confirmed the instance as it is stored */
            deliveredTo: components["schemas"]["ConfigurationName"][];
        };
        /** @description A cloud's HTTP API that takes `multipart/form-data`; publishers of kind `api` name it */
        CloudEndpoint: {
            name: components["schemas"]["ConfigurationName"];
            url: components["schemas"]["HttpUrl"];
            username?: components["schemas"]["ConfigurationText"];
            /** @description Told in the `Source` header */
            source: string;
            siteName?: components["schemas"]["ConfigurationText"];
            token?: components["schemas"]["Secret"];
            /**
             * @description Requests at the same time
             * @default 5
             */
            threads: number;
            /**
             * @description What one computation of the cloud is about
             * @default series
             * @enum {string}
             */
            computePer: "instance" | "series";
            proxy?: components["schemas"]["ProxyUrl"];
            tls?: components["schemas"]["TlsOptions"];
        };
        /** @description What goes on at all; each publisher narrows it */
        SiteFilter: {
            expression?: components["schemas"]["FilterExpression"];
        };
        /**
         * @description In the filter language (docs/filters.md); empty: everything
         * @default
         */
        FilterExpression: string;
        /** @description How things go out, unless a publisher says otherwise */
        Upload: {
            /**
             * @description Instances a request or association
             * @default 32
             */
            batchSize: number;
            transferSyntaxUid?: components["schemas"]["TargetTransferSyntax"];
            deidentify?: components["schemas"]["Deidentify"];
            /**
             * @description A series or study is complete when nothing has come for so long
             * @default 20
             */
            quietSeconds: number;
            /**
             * @description When things may leave, local time; always, if empty
             * @default []
             */
            schedule: components["schemas"]["TimeSpan"][];
            maxBytesPerSecond?: number;
        };
        /** @description What differs from `upload` for one publisher */
        PublisherUpload: {
            batchSize?: number;
            transferSyntaxUid?: components["schemas"]["TargetTransferSyntax"];
            deidentify?: components["schemas"]["PublisherDeidentify"];
            quietSeconds?: number;
            schedule?: components["schemas"]["TimeSpan"][];
            maxBytesPerSecond?: number;
        };
        /** @description Compress, or convert, to this transfer syntax, one of those that can be produced (`/dicom-web/conformance`); as stored, if left out */
        TargetTransferSyntax: components["schemas"]["Uid"];
        Deidentify: {
            /**
             * @description `basic`: PS3.15 Annex E, Basic Application Level Confidentiality Profile
             * @default none
             * @enum {string}
             */
            profile: "none" | "basic";
            /**
             * @description What is removed as well; wants a profile
             * @default []
             */
            alsoRemove: components["schemas"]["KeywordOrTag"][];
            /**
             * @description What the profile would remove and that stays
             * @default []
             */
            keep: components["schemas"]["KeptAttribute"][];
        };
        /** @description Instead of that of the site. The profile has to be said, so that nothing is turned off by leaving it out */
        PublisherDeidentify: {
            /**
             * @description `basic`: PS3.15 Annex E, Basic Application Level Confidentiality Profile
             * @enum {string}
             */
            profile: "none" | "basic";
            /** @description What is removed as well; with a profile, besides what the site removes as well, which a publisher cannot take out of the list */
            alsoRemove?: components["schemas"]["KeywordOrTag"][];
            /** @description What the profile would remove and that stays; nothing, if left out */
            keep?: components["schemas"]["KeptAttribute"][];
        };
        /** @description Keyword, or eight hexadecimal digits; a private attribute as `0019,xx0C SIEMENS MR HEADER`, with the creator that has reserved its block: by its number alone it is refused, and not kept where an older configuration has it */
        KeptAttribute: string;
        /** @description Keyword or eight hexadecimal digits */
        KeywordOrTag: string;
        TimeSpan: {
            /**
             * @description 0 Sunday … 6 Saturday; every day, if empty
             * @default []
             */
            days: number[];
            from: components["schemas"]["TimeOfDay"];
            till: components["schemas"]["TimeOfDay"];
        };
        /** @description `HH:MM`; a span that ends before it begins goes over midnight */
        TimeOfDay: string;
        /** @description A destination, and what goes there in what way */
        Publisher: {
            name: components["schemas"]["ConfigurationName"];
            /** @default true */
            enabled: boolean;
            expression?: components["schemas"]["FilterExpression"];
            /**
             * @description What comes to rest and goes out together
             * @default series
             * @enum {string}
             */
            unit: "series" | "study";
            destination: components["schemas"]["Destination"];
            upload?: components["schemas"]["PublisherUpload"];
            retries?: components["schemas"]["Retries"];
            maxInstancesPerSecond?: number;
            /**
             * @description Ask the receiver whether it has what was sent, where the kind of destination can tell
             * @default true
             */
            confirm: boolean;
            results?: components["schemas"]["Results"];
        };
        Retries: {
            /** @default 20 */
            attempts: number;
            /** @default 5 */
            firstDelaySeconds: number;
            /** @default 900 */
            maxDelaySeconds: number;
        };
        /** @description Fetch what the receiver makes of it; kinds `api` and `stow` */
        Results: {
            /**
             * @description Until nothing more is asked for
             * @default 86400
             */
            waitSeconds: number;
            /** @default 30 */
            pollSeconds: number;
            /**
             * @description Publishers that get what came back, by their own filters
             * @default []
             */
            publishBackTo: components["schemas"]["ConfigurationName"][];
        };
        Destination: components["schemas"]["DimseDestination"] | components["schemas"]["StowDestination"] | components["schemas"]["ApiDestination"] | components["schemas"]["BucketDestination"] | components["schemas"]["FolderDestination"] | components["schemas"]["Hl7Destination"] | components["schemas"]["WebhookDestination"];
        DimseDestination: {
            /** @enum {string} */
            kind: "dimse";
            /** @description AE title of a known peer (`/api/peers`), which has address, TLS and transfer syntaxes */
            peer: components["schemas"]["AeTitle"];
            /** @description Whether a confirmation is a storage commitment; by C-FIND, otherwise. True unless given */
            commitment?: boolean;
        };
        StowDestination: {
            /** @enum {string} */
            kind: "stow";
            url: components["schemas"]["HttpUrl"];
            auth?: components["schemas"]["HttpAuth"];
            tls?: components["schemas"]["TlsOptions"];
            proxy?: components["schemas"]["ProxyUrl"];
        };
        ApiDestination: {
            /** @enum {string} */
            kind: "api";
            /** @description Name of an endpoint of the section `api` */
            endpoint: components["schemas"]["ConfigurationName"];
        };
        BucketDestination: {
            /** @enum {string} */
            kind: "bucket";
            /** @description `s3://bucket/prefix` */
            url: string;
            /** @description Of an S3-compatible store that is not Amazon's */
            endpoint?: components["schemas"]["HttpUrl"];
            region?: string;
            accessKeyId?: string;
            secretAccessKey?: components["schemas"]["Secret"];
        };
        FolderDestination: {
            /** @enum {string} */
            kind: "folder";
            /** @description Absolute */
            path: string;
        };
        Hl7Destination: {
            /** @enum {string} */
            kind: "hl7";
            host: string;
            port: number;
            tls?: components["schemas"]["TlsOptions"];
            sendingApplication: components["schemas"]["Hl7Name"];
            sendingFacility: components["schemas"]["Hl7Name"];
            receivingApplication: components["schemas"]["Hl7Name"];
            receivingFacility: components["schemas"]["Hl7Name"];
        };
        Hl7Name: string;
        WebhookDestination: {
            /** @enum {string} */
            kind: "webhook";
            url: components["schemas"]["HttpUrl"];
            auth?: components["schemas"]["HttpAuth"];
            /** @description What bodies are signed with: header `X-Causeway-Signature`, HMAC-SHA-256 */
            signingKey?: components["schemas"]["Secret"];
            tls?: components["schemas"]["TlsOptions"];
            proxy?: components["schemas"]["ProxyUrl"];
        };
        /** @description None unless given */
        HttpAuth: components["schemas"]["NoAuth"] | components["schemas"]["TokenAuth"] | components["schemas"]["BasicAuth"] | components["schemas"]["OAuth2ClientCredentials"];
        NoAuth: {
            /** @enum {string} */
            kind: "none";
        };
        TokenAuth: {
            /** @enum {string} */
            kind: "token";
            /**
             * @description Bearer unless given
             * @enum {string}
             */
            scheme?: "Bearer" | "Token";
            token?: components["schemas"]["Secret"];
        };
        BasicAuth: {
            /** @enum {string} */
            kind: "basic";
            username: string;
            password?: components["schemas"]["Secret"];
        };
        OAuth2ClientCredentials: {
            /** @enum {string} */
            kind: "oauth2-client-credentials";
            tokenUrl: components["schemas"]["HttpUrl"];
            clientId: string;
            clientSecret?: components["schemas"]["Secret"];
            scope?: string;
        };
        TlsOptions: {
            /** @description PEM. The system's certificates, if left out */
            ca?: string;
            /** @description PEM of a client certificate */
            certificate?: string;
            key?: components["schemas"]["Secret"];
        };
        /** @description Write-only: `{"set": true}` in whatever is answered. A text sets or changes it, `{"set": true}` keeps what there is, as long as it goes to the same address, and what is left out is removed. */
        Secret: string | {
            /** @enum {boolean} */
            set: true;
        };
        /** @description Letters, digits, `-` and `_` */
        ConfigurationName: string;
        ConfigurationText: string;
        /** @description Without user, query or fragment */
        HttpUrl: string;
        /** @description `http://host:port` */
        ProxyUrl: string;
        ConfigurationVersion: {
            /** @description 0 is what was there before anybody said anything */
            version: number;
            /** Format: date-time */
            at: string;
            /** @description The user that a trusted proxy names, else the address */
            by: string;
            comment: string;
        };
        ConfigurationVersions: {
            items: components["schemas"]["ConfigurationVersion"][];
            total: number;
            /** @description `offset` of the next page */
            next?: string;
        };
        ConfigurationFile: {
            /** @enum {string} */
            format: "causeway-configuration-1";
            /** Format: date-time */
            exportedAt?: string;
            /** @description Of the site that it comes from */
            version?: number;
            configuration: components["schemas"]["Configuration"];
            /** @description Those that publishers send to, without passcodes */
            peers?: components["schemas"]["PeerOfFile"][];
        };
        PeerOfFile: components["schemas"]["PeerProperties"] & {
            aeTitle: components["schemas"]["AeTitle"];
            userIdentity?: {
                /** @description Whether its user has a passcode where the file comes from */
                passcodeIsSet?: boolean;
            };
        };
        FilterCheck: {
            ok: boolean;
            error?: components["schemas"]["FilterError"];
        };
        FilterError: {
            message: string;
            /** @description Index of the first character at fault */
            from: number;
            /** @description Index behind the last character at fault */
            till: number;
            /** @description What could stand there instead */
            suggestion?: string;
        };
        FilterTrial: {
            items: {
                studyInstanceUid: string;
                studyDescription: string;
                /** @description Eight digits; empty if unknown */
                studyDate: string;
                patientName: string;
                patientId: string;
                modalities: string[];
                /** @description That were looked at */
                instances: number;
                selectedInstances: number;
                /** @description Of what is not selected: clauses that said no, the one that said it to most instances first; at most 10 */
                refusals?: {
                    clause: string;
                    /** @description Index of its first character in the expression */
                    from: number;
                    /** @description Index behind its last character */
                    till: number;
                    /** @description What it saw, of the first of these instances */
                    because: string;
                    /**
                     * @description Whose clause it is
                     * @enum {string}
                     */
                    expression?: "filter" | "publisher";
                    instances: number;
                }[];
            }[];
            examined: components["schemas"]["FilterCounts"];
            selected: components["schemas"]["FilterCounts"];
            /** @description Whether all that is stored in the time was looked at */
            complete: boolean;
            /** @description Why not */
            because?: string;
        };
        FilterCounts: {
            /** @description With at least one instance */
            studies: number;
            instances: number;
        };
        FilterAttribute: {
            keyword: string;
            /** @description Eight hexadecimal digits; none if it is about the instance as it came */
            tag?: string;
            vr?: string;
            name: string;
            /**
             * @description What it can be compared with
             * @enum {string}
             */
            type: "text" | "number" | "age" | "date" | "time" | "date-time" | "name" | "uid" | "sequence" | "binary" | "any";
        };
        /** @description The steps until the first that failed */
        ConnectionTest: {
            ok: boolean;
            steps: {
                /** @description Such as "address found", "connected", "certificate trusted", "token accepted" */
                what: string;
                ok: boolean;
                /** @description For a person: what was found, or why not */
                answer: string;
            }[];
        };
        OperationReference: {
            id: string;
            href: string;
        };
        Operation: {
            operationId: string;
            /** @enum {string} */
            type: "reindex" | "update";
            /** @enum {string} */
            status: "notStarted" | "running" | "completed" | "failed";
            percentComplete: number;
            /** Format: date-time */
            createdTime: string;
            /** Format: date-time */
            lastUpdatedTime: string;
            /** @description URLs of its tags or studies */
            resources: string[];
            /** @description Of a bulk update, so far */
            results?: {
                studyUpdated: number;
                studyFailed: number;
                instanceUpdated: number;
                /** @description What could not be updated and why */
                errors?: string[];
            };
        };
        Conformance: {
            /** @description Storage SOP classes that are kept */
            sopClasses: {
                uid: string;
                /** @description Absent for one that this server was told to keep */
                name?: string;
                retired?: boolean;
            }[];
            /** @description Those that are kept as they come */
            transferSyntaxes: {
                uid: string;
                name: string;
                lossy: boolean;
                retired: boolean;
                /** @description UIDs of those in which an instance kept in this one can be had besides if its frames decode */
                producible: string[];
            }[];
            /** @description Attributes that searches match, by the level that they describe */
            searchKeys: {
                patient: components["schemas"]["SearchKeys"];
                study: components["schemas"]["SearchKeys"];
                series: components["schemas"]["SearchKeys"];
                instance: components["schemas"]["SearchKeys"];
            };
            /** @description Media types of request bodies and of answers that succeed */
            services: {
                name: string;
                description?: string;
                consumes: string[];
                produces: string[];
            }[];
            /** @description By name; bytes, milliseconds or how many */
            limits: {
                [key: string]: number;
            };
        };
        SearchKeys: components["schemas"]["SearchKey"][];
        SearchKey: {
            tag: string;
            /** @description Absent where the dictionary has none */
            keyword?: string;
            vr: string;
            items?: components["schemas"]["SearchKeys"];
        };
        TableFacts: {
            /** @description Rows of all pages */
            total: number;
            /** @description False: there are more than `total`, and nobody counted on */
            totalIsExact: boolean;
        };
        /** @description Graphs of publishers that this is or is in, by how they stand; of an instance, what became of it in each */
        Forwarding: {
            INITIAL: number;
            SUCCESS: number;
            FAILED: number;
        };
        ImageRow: {
            forwarding: components["schemas"]["Forwarding"];
            sopInstanceUid: string;
            seriesInstanceUid: string;
            studyInstanceUid: string;
            sopClassUid: string;
            sopClassName?: string;
            transferSyntaxUid: string;
            transferSyntaxName?: string;
            modality?: string;
            instanceNumber?: number;
            /** @description 0 without pixels */
            frames: number;
            rows?: number;
            columns?: number;
            /** @description Of the file, bytes */
            size: number;
            /** @description Of the file, hexadecimal */
            sha256: string;
            /** @description Through which it came */
            door: string;
            callingAeTitle?: string;
            /** @description Of the sender, or the path that was imported */
            address?: string;
            seriesDescription?: string;
            studyDescription?: string;
            studyDate?: string;
            /** @description As `Doe^Jane=…` */
            patientName?: string;
            patientId?: string;
            issuerOfPatientId?: string;
            patientSex?: string;
            /** @description YYYYMMDD */
            patientBirthDate?: string;
            patientAge?: string;
            /** Format: date-time */
            createdAt: string;
        };
        SeriesRow: {
            forwarding: components["schemas"]["Forwarding"];
            seriesInstanceUid: string;
            studyInstanceUid: string;
            modality?: string;
            seriesNumber?: number;
            seriesDate?: string;
            seriesDescription?: string;
            bodyPartExamined?: string;
            stationName?: string;
            manufacturer?: string;
            institutionName?: string;
            studyDescription?: string;
            studyDate?: string;
            instances: number;
            /** @description As `Doe^Jane=…` */
            patientName?: string;
            patientId?: string;
            issuerOfPatientId?: string;
            patientSex?: string;
            /** @description YYYYMMDD */
            patientBirthDate?: string;
            patientAge?: string;
            /** Format: date-time */
            createdAt: string;
            /**
             * Format: date-time
             * @description When the last instance came
             */
            updatedAt: string;
        };
        StudyRow: {
            forwarding: components["schemas"]["Forwarding"];
            studyInstanceUid: string;
            studyDate?: string;
            studyTime?: string;
            accessionNumber?: string;
            studyDescription?: string;
            studyId?: string;
            referringPhysicianName?: string;
            modalities: string[];
            series: number;
            instances: number;
            /** @description As `Doe^Jane=…` */
            patientName?: string;
            patientId?: string;
            issuerOfPatientId?: string;
            patientSex?: string;
            /** @description YYYYMMDD */
            patientBirthDate?: string;
            patientAge?: string;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
        };
        /** @description Studies with the same Patient ID and issuer, with what the newest of them says of the patient; without a Patient ID each study is a patient of its own */
        PatientRow: {
            /** @description As `Doe^Jane=…` */
            patientName?: string;
            patientId?: string;
            issuerOfPatientId?: string;
            patientSex?: string;
            /** @description YYYYMMDD */
            patientBirthDate?: string;
            /** @description As `042Y`, at the study that came last */
            patientAge?: string;
            /** @description YYYYMMDD, of the study that came last */
            studyDate?: string;
            studies: number;
            series: number;
            instances: number;
            modalities: string[];
            /** @description Of the study that came last */
            studyInstanceUid: string;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
        };
        Status: {
            aeTitle: components["schemas"]["AeTitle"];
            hostName: string;
            /** @description Of this machine, those that a modality can reach; IPv4 first */
            addresses: string[];
            dimsePort?: number;
            dimseTlsPort?: number;
            version: string;
            /** Format: date-time */
            startedAt: string;
            /**
             * Format: date-time
             * @description By the clock of this node, as are the minutes of `received`
             */
            now: string;
            health: components["schemas"]["Health"];
            /** @description Where files are stored; absent for an object store; without numbers while nobody knows them */
            disk?: {
                freeBytes?: number;
                totalBytes?: number;
            };
            /** @description Absent while nobody can count */
            totals?: {
                studies: number;
                series: number;
                instances: number;
            };
            /** @description By this node, minute by minute, the last hour; minutes in which nothing came are left out */
            received: {
                /** Format: date-time */
                minute: string;
                instances: number;
                bytes: number;
                refused: number;
            }[];
        };
        HouseEvent: {
            /** @description Of the process that tells it */
            id: string;
            /** @enum {string} */
            kind: "association-accepted" | "association-rejected" | "association-ended" | "echo" | "instance" | "deleted" | "corrected" | "graph" | "task" | "configuration";
            /** Format: date-time */
            at: string;
            /** @description Id as in the log */
            association?: string;
            callingAeTitle?: string;
            calledAeTitle?: string;
            address?: string;
            /** @description Why it was refused or ended, in words */
            reason?: string;
            door?: string;
            /** @description Of an instance: stored, duplicate, replaced, kept or refused; of an association, how it ended, as in the log */
            outcome?: string;
            /** @description Of an instance: of its file, as far as it came */
            bytes?: number;
            studyInstanceUid?: string;
            seriesInstanceUid?: string;
            sopInstanceUid?: string;
            graph?: string;
            task?: string;
            status?: string;
            /** @description Of the configuration */
            version?: number;
        };
        Health: {
            /** @enum {string} */
            status: "ok" | "unavailable";
            checks?: {
                [key: string]: {
                    ok: boolean;
                    message?: string;
                };
            };
            /** @description What somebody has to see to although the service can be used, such as a configuration by which nothing is purged; absent if there is nothing */
            warnings?: string[];
        };
    };
    responses: {
        /** @description A page of them */
        ImageTable: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["TableFacts"] & {
                    items: components["schemas"]["ImageRow"][];
                };
            };
        };
        /** @description A page of them */
        SeriesTable: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["TableFacts"] & {
                    items: components["schemas"]["SeriesRow"][];
                };
            };
        };
        /** @description A page of them */
        StudyTable: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["TableFacts"] & {
                    items: components["schemas"]["StudyRow"][];
                };
            };
        };
        /** @description A page of them */
        PatientTable: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["TableFacts"] & {
                    items: components["schemas"]["PatientRow"][];
                };
            };
        };
        /** @description The instance as it is stored, or a picture, video, document or page of it */
        ByUri: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/dicom": components["schemas"]["Binary"];
                "image/jpeg": components["schemas"]["Binary"];
                "image/png": components["schemas"]["Binary"];
                "image/gif": components["schemas"]["Binary"];
                "text/html": string;
                "text/plain": string;
                "text/xml": string;
                "application/pdf": components["schemas"]["Binary"];
                "video/mp4": components["schemas"]["Binary"];
                "video/mpeg": components["schemas"]["Binary"];
                "*/*": components["schemas"]["Binary"];
            };
        };
        /** @description What went wrong */
        Problem: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Matches; `Warning` tells of keys that were not looked at and of matches behind this page */
        Matches: {
            headers: {
                Warning?: string;
                [name: string]: unknown;
            };
            content: {
                "application/dicom+json": components["schemas"]["DicomJson"][];
                "application/json": components["schemas"]["DicomJson"][];
                "multipart/related": components["schemas"]["Binary"];
            };
        };
        /** @description Store Instances Response Module (PS3.18 Annex I); every instance sent is in one of its two sequences */
        Stored: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/dicom+json": components["schemas"]["DicomJson"];
                "application/json": components["schemas"]["DicomJson"];
                "application/dicom+xml": string;
            };
        };
        /** @description The Store Instances Response Module where instances were told apart, else what went wrong */
        StoredOrProblem: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/dicom+json": components["schemas"]["DicomJson"];
                "application/json": components["schemas"]["DicomJson"];
                "application/dicom+xml": string;
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Part 10 files in Explicit VR Little Endian, as stored or in the transfer syntax asked for; as application/zip a file-set of what is stored, with its DICOMDIR (PS3.10 §8) */
        Instances: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "multipart/related": components["schemas"]["Binary"];
                "application/dicom": components["schemas"]["Binary"];
                "application/zip": components["schemas"]["Binary"];
            };
        };
        /** @description One data set an instance, bulk values by BulkDataURI */
        Metadata: {
            headers: {
                ETag?: string;
                [name: string]: unknown;
            };
            content: {
                "application/dicom+json": components["schemas"]["DicomJson"][];
                "application/json": components["schemas"]["DicomJson"][];
                "multipart/related": components["schemas"]["Binary"];
            };
        };
        /** @description One part a frame; a single part where one frame was asked for */
        Frames: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "multipart/related": components["schemas"]["Binary"];
                "application/octet-stream": components["schemas"]["Binary"];
                "image/*": components["schemas"]["Binary"];
                "video/*": components["schemas"]["Binary"];
            };
        };
        /** @description The value, or the range of it that was asked for */
        Bulkdata: {
            headers: {
                "Accept-Ranges"?: string;
                "Content-Range"?: string;
                [name: string]: unknown;
            };
            content: {
                "multipart/related": components["schemas"]["Binary"];
                "application/octet-stream": components["schemas"]["Binary"];
                "*/*": components["schemas"]["Binary"];
            };
        };
        /** @description A range of the document, of the video, or of frames that are played */
        Media: {
            headers: {
                "Accept-Ranges"?: string;
                "Content-Range"?: string;
                [name: string]: unknown;
            };
            content: {
                "image/gif": components["schemas"]["Binary"];
                "application/pdf": components["schemas"]["Binary"];
                "video/mp4": components["schemas"]["Binary"];
                "video/mpeg": components["schemas"]["Binary"];
                "*/*": components["schemas"]["Binary"];
            };
        };
        /** @description A picture, document, video or report */
        RenderedInstance: {
            headers: {
                "Accept-Ranges"?: string;
                [name: string]: unknown;
            };
            content: {
                "multipart/related": components["schemas"]["Binary"];
                "image/jpeg": components["schemas"]["Binary"];
                "image/png": components["schemas"]["Binary"];
                "image/gif": components["schemas"]["Binary"];
                "text/html": string;
                "text/plain": string;
                "text/xml": string;
                "application/pdf": components["schemas"]["Binary"];
                "video/mp4": components["schemas"]["Binary"];
                "video/mpeg": components["schemas"]["Binary"];
                "*/*": components["schemas"]["Binary"];
            };
        };
        /** @description Pictures, or frames that are played one after the other */
        RenderedFrames: {
            headers: {
                "Accept-Ranges"?: string;
                [name: string]: unknown;
            };
            content: {
                "multipart/related": components["schemas"]["Binary"];
                "image/jpeg": components["schemas"]["Binary"];
                "image/png": components["schemas"]["Binary"];
                "image/gif": components["schemas"]["Binary"];
                "video/mp4": components["schemas"]["Binary"];
            };
        };
        /** @description A range of frames that are played, once they have been made */
        Loop: {
            headers: {
                "Accept-Ranges"?: string;
                "Content-Range"?: string;
                [name: string]: unknown;
            };
            content: {
                "image/gif": components["schemas"]["Binary"];
                "video/mp4": components["schemas"]["Binary"];
            };
        };
        /** @description A picture */
        Picture: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "multipart/related": components["schemas"]["Binary"];
                "image/jpeg": components["schemas"]["Binary"];
                "image/png": components["schemas"]["Binary"];
                "image/gif": components["schemas"]["Binary"];
            };
        };
        /** @description How many; `Warning` tells of keys that were not looked at */
        Count: {
            headers: {
                Warning?: string;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Count"];
            };
        };
        /** @description Changes, or as server-sent events one each, with its sequence as the id */
        Changes: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Change"][];
                "text/event-stream": string;
            };
        };
        /** @description The last change */
        LatestChange: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Change"];
            };
        };
        /** @description Extended query tags */
        ExtendedQueryTags: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ExtendedQueryTag"][];
            };
        };
        /** @description Extended query tag */
        ExtendedQueryTag: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ExtendedQueryTag"];
            };
        };
        /** @description Errors of an extended query tag */
        ExtendedQueryTagErrors: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ExtendedQueryTagError"][];
            };
        };
        /** @description Known peers */
        Peers: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Peer"][];
            };
        };
        /** @description A peer; `ETag` is its version, where it can be changed */
        Peer: {
            headers: {
                ETag?: string;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Peer"];
            };
        };
        /** @description Made known; `Location` is where it is */
        NewPeer: {
            headers: {
                ETag?: string;
                Location?: string;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Peer"];
            };
        };
        /** @description The configuration; `ETag` is its version */
        Configuration: {
            headers: {
                ETag?: string;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Configuration"];
            };
        };
        /** @description Worklist items */
        Worklist: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["WorklistItem"][];
            };
        };
        /** @description A worklist item */
        WorklistItem: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["WorklistItem"];
            };
        };
        /** @description Scheduled; `Location` is where it is */
        NewWorklistItem: {
            headers: {
                Location?: string;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["WorklistItem"];
            };
        };
        /** @description Whether it answered, and how long that took */
        PeerEcho: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["PeerEcho"];
            };
        };
        /** @description What the test did, also where it failed */
        ConnectionTest: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ConnectionTest"];
            };
        };
        /** @description Accepted; `Location` tells where its progress is */
        OperationReference: {
            headers: {
                Location?: string;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["OperationReference"];
            };
        };
        /** @description An operation */
        Operation: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Operation"];
            };
        };
        /** @description A Capabilities Description (PS3.18 Annex H); `Allow` has the methods of the resource */
        Capabilities: {
            headers: {
                Allow?: string;
                [name: string]: unknown;
            };
            content: {
                "application/vnd.sun.wadl+xml": string;
                "application/json": Record<string, never>;
            };
        };
        /** @description What is kept, produced and matched, and within which limits */
        Conformance: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Conformance"];
            };
        };
        /** @description Health */
        Health: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Health"];
            };
        };
    };
    parameters: {
        graph: components["schemas"]["RowId"];
        task: components["schemas"]["RowId"];
        replay: components["schemas"]["RowId"];
        /** @description Its name */
        ofPublisher: components["schemas"]["ConfigurationName"];
        /** @description Its name */
        thePublisher: components["schemas"]["ConfigurationName"];
        /** @description Study Instance UID */
        theStudy: components["schemas"]["Uid"];
        withStatus: components["schemas"]["PublishingStatus"];
        ofTaskType: components["schemas"]["PublishingTaskType"];
        ofGraph: components["schemas"]["RowId"];
        /** @description What id, publisher, UIDs or failure have in them, in any case */
        publishingText: string;
        /** @description Created not before; a date (its begin) or a moment (RFC 3339), without an offset in UTC */
        createdFrom: string;
        /** @description Created not after; a date (to its end) or a moment */
        createdTill: string;
        pageOrder: "updated" | "created" | "oldest";
        /** @description The `ETag` of the configuration that is replaced: 412 if somebody else was quicker. Without one: 428 */
        ifMatch: string;
        /** @description The `ETag` of the configuration that is replaced: 412 if somebody else was quicker */
        ifMatchOptional: string;
        /** @description The `ETag` of the peer that is changed: 412 if somebody else was quicker or has removed it. Without one, whatever is there is replaced */
        peerIfMatch: string;
        /** @description Why, for those who come later */
        comment: string;
        version: number;
        pageLimit: number;
        pageOffset: number;
        aeTitle: components["schemas"]["AeTitle"];
        /** @description Study Instance UID */
        study: components["schemas"]["Uid"];
        /** @description Series Instance UID */
        series: components["schemas"]["Uid"];
        /** @description SOP Instance UID */
        instance: components["schemas"]["Uid"];
        /** @description Frame numbers from 1, separated by commas */
        frames: string;
        /** @description `true`: what instances were before bulk updates, as stored */
        requestOriginal: string;
        /** @description Media ranges as in the Accept header, which it overrules (PS3.18 §8.3.3.1) */
        accept: string;
        /** @description Acceptable character sets; answers are always UTF-8 (PS3.18 §8.3.3.2) */
        charset: string;
        /** @description Most matches to answer */
        limit: number;
        /** @description Matches to pass over */
        offset: number;
        /** @description Keywords or tags to answer besides the defaults, or `all`; repeated or separated by commas */
        includefield: string[];
        /** @description Match person names by the beginnings of their words */
        fuzzymatching: string;
        /** @description An empty key matches absent and empty values instead of everything */
        emptyvaluematching: string;
        /** @description A key may list several values of which any one matches */
        multiplevaluematching: string;
        /** @description Whether changes bring the metadata that the instance has now; true unless given */
        includemetadata: string;
        /** @description Not before; a date (its begin) or a moment (RFC 3339), without an offset in UTC. Of when the first of it came */
        arrivedFrom: string;
        /** @description Not after; a date (to its end) or a moment */
        arrivedTill: string;
        /** @description Words that all occur in the texts of a row, in any case; a whole UID finds what has it */
        freeText: string;
        /** @description Patient ID, exactly */
        ofPatient: string;
        /** @description Issuer of Patient ID, exactly; empty for none */
        ofIssuer: string;
        /** @description Study Instance UID */
        ofStudy: components["schemas"]["Uid"];
        /** @description Series Instance UID */
        ofSeries: components["schemas"]["Uid"];
        ofModality: string;
        ofSex: string;
        /** @description As which the sender called */
        fromAeTitle: string;
        /** @description Tag or keyword */
        tagPath: string;
        /** @description `center,width,function` with function `linear`, `linear-exact` or `sigmoid` (PS3.18 §8.3.5.1.4) */
        window: string;
        /** @description `width,height` or `width,height,sx,sy,sw,sh` (PS3.18 §8.3.5.1.3) */
        viewport: string;
        /** @description Quality of a lossy picture (PS3.18 §8.3.5.1.2) */
        quality: number;
        /** @description Text that is burned in: `patient`, `technique` or both; 406 where the picture is too small for it (PS3.18 §8.3.5.1.1) */
        annotation: string;
        /** @description A colour profile to embed: `yes` is that of the image, or sRGB; to the others the colours are converted; JPEG and PNG only (PS3.18 §8.3.5.1.5) */
        iccprofile: "no" | "yes" | "srgb" | "adobergb" | "rommrgb" | "displayp3";
    };
    requestBodies: {
        PublisherTest: {
            content: {
                "application/json": {
                    /** @description Name of a configured publisher: its destination is tested unless one is given, whose secrets may be those of this one */
                    publisher?: string;
                    destination?: components["schemas"]["Destination"];
                    /** @description Tested itself where no destination is given; else taken instead of the configured one of that name */
                    endpoint?: components["schemas"]["CloudEndpoint"];
                };
            };
        };
        NewPeer: {
            content: {
                "application/json": {
                    aeTitle: components["schemas"]["AeTitle"];
                } & components["schemas"]["PeerProperties"];
            };
        };
        PeerProperties: {
            content: {
                "application/json": components["schemas"]["PeerProperties"];
            };
        };
        WorklistItem: {
            content: {
                "application/json": components["schemas"]["DicomJson"];
            };
        };
    };
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    retrieveCapabilities: {
        parameters: {
            query?: {
                /** @description Media ranges as in the Accept header, which it overrules (PS3.18 §8.3.3.1) */
                accept?: components["parameters"]["accept"];
                /** @description Acceptable character sets; answers are always UTF-8 (PS3.18 §8.3.3.2) */
                charset?: components["parameters"]["charset"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Capabilities"];
            404: components["responses"]["Problem"];
            406: components["responses"]["Problem"];
        };
    };
    retrieveConformance: {
        parameters: {
            query?: {
                /** @description Media ranges as in the Accept header, which it overrules (PS3.18 §8.3.3.1) */
                accept?: components["parameters"]["accept"];
                /** @description Acceptable character sets; answers are always UTF-8 (PS3.18 §8.3.3.2) */
                charset?: components["parameters"]["charset"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Conformance"];
            400: components["responses"]["Problem"];
            406: components["responses"]["Problem"];
        };
    };
    searchStudies: {
        parameters: {
            query?: {
                /** @description Media ranges as in the Accept header, which it overrules (PS3.18 §8.3.3.1) */
                accept?: components["parameters"]["accept"];
                /** @description Acceptable character sets; answers are always UTF-8 (PS3.18 §8.3.3.2) */
                charset?: components["parameters"]["charset"];
                /** @description Most matches to answer */
                limit?: components["parameters"]["limit"];
                /** @description Matches to pass over */
                offset?: components["parameters"]["offset"];
                /** @description Keywords or tags to answer besides the defaults, or `all`; repeated or separated by commas */
                includefield?: components["parameters"]["includefield"];
                /** @description Match person names by the beginnings of their words */
                fuzzymatching?: components["parameters"]["fuzzymatching"];
                /** @description An empty key matches absent and empty values instead of everything */
                emptyvaluematching?: components["parameters"]["emptyvaluematching"];
                /** @description A key may list several values of which any one matches */
                multiplevaluematching?: components["parameters"]["multiplevaluematching"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Matches"];
            /** @description No matches, where only XML is accepted or the server is configured for clients that expect this */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            406: components["responses"]["Problem"];
        };
    };
    storeInstances: {
        parameters: {
            query?: {
                /** @description Media ranges as in the Accept header, which it overrules (PS3.18 §8.3.3.1) */
                accept?: components["parameters"]["accept"];
                /** @description Acceptable character sets; answers are always UTF-8 (PS3.18 §8.3.3.2) */
                charset?: components["parameters"]["charset"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/related": components["schemas"]["Binary"];
                "application/dicom": components["schemas"]["Binary"];
                "application/zip": components["schemas"]["Binary"];
            };
        };
        responses: {
            200: components["responses"]["Stored"];
            202: components["responses"]["Stored"];
            400: components["responses"]["StoredOrProblem"];
            406: components["responses"]["Problem"];
            409: components["responses"]["Stored"];
            413: components["responses"]["StoredOrProblem"];
            415: components["responses"]["Problem"];
            500: components["responses"]["StoredOrProblem"];
            503: components["responses"]["StoredOrProblem"];
            507: components["responses"]["StoredOrProblem"];
        };
    };
    startBulkUpdate: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    studyInstanceUids?: string[];
                    changeDataset?: components["schemas"]["DicomJson"];
                };
                "*/*": components["schemas"]["Binary"];
            };
        };
        responses: {
            202: components["responses"]["OperationReference"];
            400: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
        };
    };
    searchAllSeries: {
        parameters: {
            query?: {
                /** @description Media ranges as in the Accept header, which it overrules (PS3.18 §8.3.3.1) */
                accept?: components["parameters"]["accept"];
                /** @description Acceptable character sets; answers are always UTF-8 (PS3.18 §8.3.3.2) */
                charset?: components["parameters"]["charset"];
                /** @description Most matches to answer */
                limit?: components["parameters"]["limit"];
                /** @description Matches to pass over */
                offset?: components["parameters"]["offset"];
                /** @description Keywords or tags to answer besides the defaults, or `all`; repeated or separated by commas */
                includefield?: components["parameters"]["includefield"];
                /** @description Match person names by the beginnings of their words */
                fuzzymatching?: components["parameters"]["fuzzymatching"];
                /** @description An empty key matches absent and empty values instead of everything */
                emptyvaluematching?: components["parameters"]["emptyvaluematching"];
                /** @description A key may list several values of which any one matches */
                multiplevaluematching?: components["parameters"]["multiplevaluematching"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Matches"];
            /** @description No matches, where only XML is accepted or the server is configured for clients that expect this */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            406: components["responses"]["Problem"];
        };
    };
    searchAllInstances: {
        parameters: {
            query?: {
                /** @description Media ranges as in the Accept header, which it overrules (PS3.18 §8.3.3.1) */
                accept?: components["parameters"]["accept"];
                /** @description Acceptable character sets; answers are always UTF-8 (PS3.18 §8.3.3.2) */
                charset?: components["parameters"]["charset"];
                /** @description Most matches to answer */
                limit?: components["parameters"]["limit"];
                /** @description Matches to pass over */
                offset?: components["parameters"]["offset"];
                /** @description Keywords or tags to answer besides the defaults, or `all`; repeated or separated by commas */
                includefield?: components["parameters"]["includefield"];
                /** @description Match person names by the beginnings of their words */
                fuzzymatching?: components["parameters"]["fuzzymatching"];
                /** @description An empty key matches absent and empty values instead of everything */
                emptyvaluematching?: components["parameters"]["emptyvaluematching"];
                /** @description A key may list several values of which any one matches */
                multiplevaluematching?: components["parameters"]["multiplevaluematching"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Matches"];
            /** @description No matches, where only XML is accepted or the server is configured for clients that expect this */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            406: components["responses"]["Problem"];
        };
    };
    retrieveStudy: {
        parameters: {
            query?: {
                /** @description Media ranges as in the Accept header, which it overrules (PS3.18 §8.3.3.1) */
                accept?: components["parameters"]["accept"];
                /** @description Acceptable character sets; answers are always UTF-8 (PS3.18 §8.3.3.2) */
                charset?: components["parameters"]["charset"];
            };
            header?: {
                /** @description `true`: what instances were before bulk updates, as stored */
                "msdicom-request-original"?: components["parameters"]["requestOriginal"];
            };
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Instances"];
            206: components["responses"]["Instances"];
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            406: components["responses"]["Problem"];
            410: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
        };
    };
    storeInstancesOfStudy: {
        parameters: {
            query?: {
                /** @description Media ranges as in the Accept header, which it overrules (PS3.18 §8.3.3.1) */
                accept?: components["parameters"]["accept"];
                /** @description Acceptable character sets; answers are always UTF-8 (PS3.18 §8.3.3.2) */
                charset?: components["parameters"]["charset"];
            };
            header?: never;
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/related": components["schemas"]["Binary"];
                "application/dicom": components["schemas"]["Binary"];
                "application/zip": components["schemas"]["Binary"];
            };
        };
        responses: {
            200: components["responses"]["Stored"];
            202: components["responses"]["Stored"];
            400: components["responses"]["StoredOrProblem"];
            406: components["responses"]["Problem"];
            409: components["responses"]["Stored"];
            413: components["responses"]["StoredOrProblem"];
            415: components["responses"]["Problem"];
            500: components["responses"]["StoredOrProblem"];
            503: components["responses"]["StoredOrProblem"];
            507: components["responses"]["StoredOrProblem"];
        };
    };
    deleteStudy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            410: components["responses"]["Problem"];
        };
    };
    retrieveStudyMetadata: {
        parameters: {
            query?: {
                /** @description Media ranges as in the Accept header, which it overrules (PS3.18 §8.3.3.1) */
                accept?: components["parameters"]["accept"];
                /** @description Acceptable character sets; answers are always UTF-8 (PS3.18 §8.3.3.2) */
                charset?: components["parameters"]["charset"];
            };
            header?: {
                /** @description `true`: what instances were before bulk updates, as stored */
                "msdicom-request-original"?: components["parameters"]["requestOriginal"];
            };
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Metadata"];
            /** @description What the client has (If-None-Match) is current */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            406: components["responses"]["Problem"];
            410: components["responses"]["Problem"];
        };
    };
    retrieveRenderedStudy: {
        parameters: {
            query?: {
                /** @description Media ranges as in the Accept header, which it overrules (PS3.18 §8.3.3.1) */
                accept?: components["parameters"]["accept"];
                /** @description `center,width,function` with function `linear`, `linear-exact` or `sigmoid` (PS3.18 §8.3.5.1.4) */
                window?: components["parameters"]["window"];
                /** @description `width,height` or `width,height,sx,sy,sw,sh` (PS3.18 §8.3.5.1.3) */
                viewport?: components["parameters"]["viewport"];
                /** @description Quality of a lossy picture (PS3.18 §8.3.5.1.2) */
                quality?: components["parameters"]["quality"];
                /** @description Text that is burned in: `patient`, `technique` or both; 406 where the picture is too small for it (PS3.18 §8.3.5.1.1) */
                annotation?: components["parameters"]["annotation"];
                /** @description A colour profile to embed: `yes` is that of the image, or sRGB; to the others the colours are converted; JPEG and PNG only (PS3.18 §8.3.5.1.5) */
                iccprofile?: components["parameters"]["iccprofile"];
            };
            header?: never;
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Picture"];
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            406: components["responses"]["Problem"];
            410: components["responses"]["Problem"];
        };
    };
    retrieveStudyThumbnail: {
        parameters: {
            query?: {
                /** @description Media ranges as in the Accept header, which it overrules (PS3.18 §8.3.3.1) */
                accept?: components["parameters"]["accept"];
                /** @description `width,height` or `width,height,sx,sy,sw,sh` (PS3.18 §8.3.5.1.3) */
                viewport?: components["parameters"]["viewport"];
            };
            header?: never;
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Picture"];
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            406: components["responses"]["Problem"];
            410: components["responses"]["Problem"];
        };
    };
    searchSeriesOfStudy: {
        parameters: {
            query?: {
                /** @description Media ranges as in the Accept header, which it overrules (PS3.18 §8.3.3.1) */
                accept?: components["parameters"]["accept"];
                /** @description Acceptable character sets; answers are always UTF-8 (PS3.18 §8.3.3.2) */
                charset?: components["parameters"]["charset"];
                /** @description Most matches to answer */
                limit?: components["parameters"]["limit"];
                /** @description Matches to pass over */
                offset?: components["parameters"]["offset"];
                /** @description Keywords or tags to answer besides the defaults, or `all`; repeated or separated by commas */
                includefield?: components["parameters"]["includefield"];
                /** @description Match person names by the beginnings of their words */
                fuzzymatching?: components["parameters"]["fuzzymatching"];
                /** @description An empty key matches absent and empty values instead of everything */
                emptyvaluematching?: components["parameters"]["emptyvaluematching"];
                /** @description A key may list several values of which any one matches */
                multiplevaluematching?: components["parameters"]["multiplevaluematching"];
            };
            header?: never;
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Matches"];
            /** @description No matches, where only XML is accepted or the server is configured for clients that expect this */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            406: components["responses"]["Problem"];
        };
    };
    searchInstancesOfStudy: {
        parameters: {
            query?: {
                /** @description Media ranges as in the Accept header, which it overrules (PS3.18 §8.3.3.1) */
                accept?: components["parameters"]["accept"];
                /** @description Acceptable character sets; answers are always UTF-8 (PS3.18 §8.3.3.2) */
                charset?: components["parameters"]["charset"];
                /** @description Most matches to answer */
                limit?: components["parameters"]["limit"];
                /** @description Matches to pass over */
                offset?: components["parameters"]["offset"];
                /** @description Keywords or tags to answer besides the defaults, or `all`; repeated or separated by commas */
                includefield?: components["parameters"]["includefield"];
                /** @description Match person names by the beginnings of their words */
                fuzzymatching?: components["parameters"]["fuzzymatching"];
                /** @description An empty key matches absent and empty values instead of everything */
                emptyvaluematching?: components["parameters"]["emptyvaluematching"];
                /** @description A key may list several values of which any one matches */
                multiplevaluematching?: components["parameters"]["multiplevaluematching"];
            };
            header?: never;
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Matches"];
            /** @description No matches, where only XML is accepted or the server is configured for clients that expect this */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            406: components["responses"]["Problem"];
        };
    };
    retrieveSeries: {
        parameters: {
            query?: {
                /** @description Media ranges as in the Accept header, which it overrules (PS3.18 §8.3.3.1) */
                accept?: components["parameters"]["accept"];
                /** @description Acceptable character sets; answers are always UTF-8 (PS3.18 §8.3.3.2) */
                charset?: components["parameters"]["charset"];
            };
            header?: {
                /** @description `true`: what instances were before bulk updates, as stored */
                "msdicom-request-original"?: components["parameters"]["requestOriginal"];
            };
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
                /** @description Series Instance UID */
                series: components["parameters"]["series"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Instances"];
            206: components["responses"]["Instances"];
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            406: components["responses"]["Problem"];
            410: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
        };
    };
    deleteSeries: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
                /** @description Series Instance UID */
                series: components["parameters"]["series"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            410: components["responses"]["Problem"];
        };
    };
    retrieveSeriesMetadata: {
        parameters: {
            query?: {
                /** @description Media ranges as in the Accept header, which it overrules (PS3.18 §8.3.3.1) */
                accept?: components["parameters"]["accept"];
                /** @description Acceptable character sets; answers are always UTF-8 (PS3.18 §8.3.3.2) */
                charset?: components["parameters"]["charset"];
            };
            header?: {
                /** @description `true`: what instances were before bulk updates, as stored */
                "msdicom-request-original"?: components["parameters"]["requestOriginal"];
            };
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
                /** @description Series Instance UID */
                series: components["parameters"]["series"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Metadata"];
            /** @description What the client has (If-None-Match) is current */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            406: components["responses"]["Problem"];
            410: components["responses"]["Problem"];
        };
    };
    retrieveRenderedSeries: {
        parameters: {
            query?: {
                /** @description Media ranges as in the Accept header, which it overrules (PS3.18 §8.3.3.1) */
                accept?: components["parameters"]["accept"];
                /** @description `center,width,function` with function `linear`, `linear-exact` or `sigmoid` (PS3.18 §8.3.5.1.4) */
                window?: components["parameters"]["window"];
                /** @description `width,height` or `width,height,sx,sy,sw,sh` (PS3.18 §8.3.5.1.3) */
                viewport?: components["parameters"]["viewport"];
                /** @description Quality of a lossy picture (PS3.18 §8.3.5.1.2) */
                quality?: components["parameters"]["quality"];
                /** @description Text that is burned in: `patient`, `technique` or both; 406 where the picture is too small for it (PS3.18 §8.3.5.1.1) */
                annotation?: components["parameters"]["annotation"];
                /** @description A colour profile to embed: `yes` is that of the image, or sRGB; to the others the colours are converted; JPEG and PNG only (PS3.18 §8.3.5.1.5) */
                iccprofile?: components["parameters"]["iccprofile"];
            };
            header?: never;
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
                /** @description Series Instance UID */
                series: components["parameters"]["series"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Picture"];
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            406: components["responses"]["Problem"];
            410: components["responses"]["Problem"];
        };
    };
    retrieveSeriesThumbnail: {
        parameters: {
            query?: {
                /** @description Media ranges as in the Accept header, which it overrules (PS3.18 §8.3.3.1) */
                accept?: components["parameters"]["accept"];
                /** @description `width,height` or `width,height,sx,sy,sw,sh` (PS3.18 §8.3.5.1.3) */
                viewport?: components["parameters"]["viewport"];
            };
            header?: never;
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
                /** @description Series Instance UID */
                series: components["parameters"]["series"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Picture"];
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            406: components["responses"]["Problem"];
            410: components["responses"]["Problem"];
        };
    };
    searchInstancesOfSeries: {
        parameters: {
            query?: {
                /** @description Media ranges as in the Accept header, which it overrules (PS3.18 §8.3.3.1) */
                accept?: components["parameters"]["accept"];
                /** @description Acceptable character sets; answers are always UTF-8 (PS3.18 §8.3.3.2) */
                charset?: components["parameters"]["charset"];
                /** @description Most matches to answer */
                limit?: components["parameters"]["limit"];
                /** @description Matches to pass over */
                offset?: components["parameters"]["offset"];
                /** @description Keywords or tags to answer besides the defaults, or `all`; repeated or separated by commas */
                includefield?: components["parameters"]["includefield"];
                /** @description Match person names by the beginnings of their words */
                fuzzymatching?: components["parameters"]["fuzzymatching"];
                /** @description An empty key matches absent and empty values instead of everything */
                emptyvaluematching?: components["parameters"]["emptyvaluematching"];
                /** @description A key may list several values of which any one matches */
                multiplevaluematching?: components["parameters"]["multiplevaluematching"];
            };
            header?: never;
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
                /** @description Series Instance UID */
                series: components["parameters"]["series"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Matches"];
            /** @description No matches, where only XML is accepted or the server is configured for clients that expect this */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            406: components["responses"]["Problem"];
        };
    };
    retrieveInstance: {
        parameters: {
            query?: {
                /** @description Media ranges as in the Accept header, which it overrules (PS3.18 §8.3.3.1) */
                accept?: components["parameters"]["accept"];
                /** @description Acceptable character sets; answers are always UTF-8 (PS3.18 §8.3.3.2) */
                charset?: components["parameters"]["charset"];
            };
            header?: {
                /** @description `true`: what instances were before bulk updates, as stored */
                "msdicom-request-original"?: components["parameters"]["requestOriginal"];
            };
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
                /** @description Series Instance UID */
                series: components["parameters"]["series"];
                /** @description SOP Instance UID */
                instance: components["parameters"]["instance"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Instances"];
            206: components["responses"]["Instances"];
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            406: components["responses"]["Problem"];
            410: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
        };
    };
    deleteInstance: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
                /** @description Series Instance UID */
                series: components["parameters"]["series"];
                /** @description SOP Instance UID */
                instance: components["parameters"]["instance"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            410: components["responses"]["Problem"];
        };
    };
    retrieveInstanceMetadata: {
        parameters: {
            query?: {
                /** @description Media ranges as in the Accept header, which it overrules (PS3.18 §8.3.3.1) */
                accept?: components["parameters"]["accept"];
                /** @description Acceptable character sets; answers are always UTF-8 (PS3.18 §8.3.3.2) */
                charset?: components["parameters"]["charset"];
            };
            header?: {
                /** @description `true`: what instances were before bulk updates, as stored */
                "msdicom-request-original"?: components["parameters"]["requestOriginal"];
            };
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
                /** @description Series Instance UID */
                series: components["parameters"]["series"];
                /** @description SOP Instance UID */
                instance: components["parameters"]["instance"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Metadata"];
            /** @description What the client has (If-None-Match) is current */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            406: components["responses"]["Problem"];
            410: components["responses"]["Problem"];
        };
    };
    retrieveRenderedInstance: {
        parameters: {
            query?: {
                /** @description Media ranges as in the Accept header, which it overrules (PS3.18 §8.3.3.1) */
                accept?: components["parameters"]["accept"];
                /** @description `center,width,function` with function `linear`, `linear-exact` or `sigmoid` (PS3.18 §8.3.5.1.4) */
                window?: components["parameters"]["window"];
                /** @description `width,height` or `width,height,sx,sy,sw,sh` (PS3.18 §8.3.5.1.3) */
                viewport?: components["parameters"]["viewport"];
                /** @description Quality of a lossy picture (PS3.18 §8.3.5.1.2) */
                quality?: components["parameters"]["quality"];
                /** @description Text that is burned in: `patient`, `technique` or both; 406 where the picture is too small for it (PS3.18 §8.3.5.1.1) */
                annotation?: components["parameters"]["annotation"];
                /** @description A colour profile to embed: `yes` is that of the image, or sRGB; to the others the colours are converted; JPEG and PNG only (PS3.18 §8.3.5.1.5) */
                iccprofile?: components["parameters"]["iccprofile"];
            };
            header?: never;
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
                /** @description Series Instance UID */
                series: components["parameters"]["series"];
                /** @description SOP Instance UID */
                instance: components["parameters"]["instance"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["RenderedInstance"];
            206: components["responses"]["Media"];
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            406: components["responses"]["Problem"];
            410: components["responses"]["Problem"];
            416: components["responses"]["Problem"];
        };
    };
    retrieveInstanceThumbnail: {
        parameters: {
            query?: {
                /** @description Media ranges as in the Accept header, which it overrules (PS3.18 §8.3.3.1) */
                accept?: components["parameters"]["accept"];
                /** @description `width,height` or `width,height,sx,sy,sw,sh` (PS3.18 §8.3.5.1.3) */
                viewport?: components["parameters"]["viewport"];
            };
            header?: never;
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
                /** @description Series Instance UID */
                series: components["parameters"]["series"];
                /** @description SOP Instance UID */
                instance: components["parameters"]["instance"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Picture"];
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            406: components["responses"]["Problem"];
            410: components["responses"]["Problem"];
        };
    };
    retrieveFrames: {
        parameters: {
            query?: {
                /** @description Media ranges as in the Accept header, which it overrules (PS3.18 §8.3.3.1) */
                accept?: components["parameters"]["accept"];
                /** @description Acceptable character sets; answers are always UTF-8 (PS3.18 §8.3.3.2) */
                charset?: components["parameters"]["charset"];
            };
            header?: never;
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
                /** @description Series Instance UID */
                series: components["parameters"]["series"];
                /** @description SOP Instance UID */
                instance: components["parameters"]["instance"];
                /** @description Frame numbers from 1, separated by commas */
                frames: components["parameters"]["frames"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Frames"];
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            406: components["responses"]["Problem"];
            410: components["responses"]["Problem"];
        };
    };
    retrieveRenderedFrame: {
        parameters: {
            query?: {
                /** @description Media ranges as in the Accept header, which it overrules (PS3.18 §8.3.3.1) */
                accept?: components["parameters"]["accept"];
                /** @description `center,width,function` with function `linear`, `linear-exact` or `sigmoid` (PS3.18 §8.3.5.1.4) */
                window?: components["parameters"]["window"];
                /** @description `width,height` or `width,height,sx,sy,sw,sh` (PS3.18 §8.3.5.1.3) */
                viewport?: components["parameters"]["viewport"];
                /** @description Quality of a lossy picture (PS3.18 §8.3.5.1.2) */
                quality?: components["parameters"]["quality"];
                /** @description Text that is burned in: `patient`, `technique` or both; 406 where the picture is too small for it (PS3.18 §8.3.5.1.1) */
                annotation?: components["parameters"]["annotation"];
                /** @description A colour profile to embed: `yes` is that of the image, or sRGB; to the others the colours are converted; JPEG and PNG only (PS3.18 §8.3.5.1.5) */
                iccprofile?: components["parameters"]["iccprofile"];
            };
            header?: never;
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
                /** @description Series Instance UID */
                series: components["parameters"]["series"];
                /** @description SOP Instance UID */
                instance: components["parameters"]["instance"];
                /** @description Frame numbers from 1, separated by commas */
                frames: components["parameters"]["frames"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["RenderedFrames"];
            206: components["responses"]["Loop"];
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            406: components["responses"]["Problem"];
            410: components["responses"]["Problem"];
            416: components["responses"]["Problem"];
        };
    };
    retrieveFrameThumbnail: {
        parameters: {
            query?: {
                /** @description Media ranges as in the Accept header, which it overrules (PS3.18 §8.3.3.1) */
                accept?: components["parameters"]["accept"];
                /** @description `width,height` or `width,height,sx,sy,sw,sh` (PS3.18 §8.3.5.1.3) */
                viewport?: components["parameters"]["viewport"];
            };
            header?: never;
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
                /** @description Series Instance UID */
                series: components["parameters"]["series"];
                /** @description SOP Instance UID */
                instance: components["parameters"]["instance"];
                /** @description Frame numbers from 1, separated by commas */
                frames: components["parameters"]["frames"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Picture"];
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            406: components["responses"]["Problem"];
            410: components["responses"]["Problem"];
        };
    };
    retrieveBulkdata: {
        parameters: {
            query?: {
                /** @description Media ranges as in the Accept header, which it overrules (PS3.18 §8.3.3.1) */
                accept?: components["parameters"]["accept"];
                /** @description Acceptable character sets; answers are always UTF-8 (PS3.18 §8.3.3.2) */
                charset?: components["parameters"]["charset"];
            };
            header?: never;
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
                /** @description Series Instance UID */
                series: components["parameters"]["series"];
                /** @description SOP Instance UID */
                instance: components["parameters"]["instance"];
                /** @description Tag of the value, through sequences as `54000100/0/54001010` (item indexes from 0) */
                path: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Bulkdata"];
            206: components["responses"]["Bulkdata"];
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            406: components["responses"]["Problem"];
            410: components["responses"]["Problem"];
            416: components["responses"]["Problem"];
        };
    };
    countStudies: {
        parameters: {
            query?: {
                /** @description Media ranges as in the Accept header, which it overrules (PS3.18 §8.3.3.1) */
                accept?: components["parameters"]["accept"];
                /** @description Acceptable character sets; answers are always UTF-8 (PS3.18 §8.3.3.2) */
                charset?: components["parameters"]["charset"];
                /** @description Match person names by the beginnings of their words */
                fuzzymatching?: components["parameters"]["fuzzymatching"];
                /** @description An empty key matches absent and empty values instead of everything */
                emptyvaluematching?: components["parameters"]["emptyvaluematching"];
                /** @description A key may list several values of which any one matches */
                multiplevaluematching?: components["parameters"]["multiplevaluematching"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Count"];
            400: components["responses"]["Problem"];
            406: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    countAllSeries: {
        parameters: {
            query?: {
                /** @description Media ranges as in the Accept header, which it overrules (PS3.18 §8.3.3.1) */
                accept?: components["parameters"]["accept"];
                /** @description Acceptable character sets; answers are always UTF-8 (PS3.18 §8.3.3.2) */
                charset?: components["parameters"]["charset"];
                /** @description Match person names by the beginnings of their words */
                fuzzymatching?: components["parameters"]["fuzzymatching"];
                /** @description An empty key matches absent and empty values instead of everything */
                emptyvaluematching?: components["parameters"]["emptyvaluematching"];
                /** @description A key may list several values of which any one matches */
                multiplevaluematching?: components["parameters"]["multiplevaluematching"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Count"];
            400: components["responses"]["Problem"];
            406: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    countAllInstances: {
        parameters: {
            query?: {
                /** @description Media ranges as in the Accept header, which it overrules (PS3.18 §8.3.3.1) */
                accept?: components["parameters"]["accept"];
                /** @description Acceptable character sets; answers are always UTF-8 (PS3.18 §8.3.3.2) */
                charset?: components["parameters"]["charset"];
                /** @description Match person names by the beginnings of their words */
                fuzzymatching?: components["parameters"]["fuzzymatching"];
                /** @description An empty key matches absent and empty values instead of everything */
                emptyvaluematching?: components["parameters"]["emptyvaluematching"];
                /** @description A key may list several values of which any one matches */
                multiplevaluematching?: components["parameters"]["multiplevaluematching"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Count"];
            400: components["responses"]["Problem"];
            406: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    countSeriesOfStudy: {
        parameters: {
            query?: {
                /** @description Media ranges as in the Accept header, which it overrules (PS3.18 §8.3.3.1) */
                accept?: components["parameters"]["accept"];
                /** @description Acceptable character sets; answers are always UTF-8 (PS3.18 §8.3.3.2) */
                charset?: components["parameters"]["charset"];
                /** @description Match person names by the beginnings of their words */
                fuzzymatching?: components["parameters"]["fuzzymatching"];
                /** @description An empty key matches absent and empty values instead of everything */
                emptyvaluematching?: components["parameters"]["emptyvaluematching"];
                /** @description A key may list several values of which any one matches */
                multiplevaluematching?: components["parameters"]["multiplevaluematching"];
            };
            header?: never;
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Count"];
            400: components["responses"]["Problem"];
            406: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    countInstancesOfStudy: {
        parameters: {
            query?: {
                /** @description Media ranges as in the Accept header, which it overrules (PS3.18 §8.3.3.1) */
                accept?: components["parameters"]["accept"];
                /** @description Acceptable character sets; answers are always UTF-8 (PS3.18 §8.3.3.2) */
                charset?: components["parameters"]["charset"];
                /** @description Match person names by the beginnings of their words */
                fuzzymatching?: components["parameters"]["fuzzymatching"];
                /** @description An empty key matches absent and empty values instead of everything */
                emptyvaluematching?: components["parameters"]["emptyvaluematching"];
                /** @description A key may list several values of which any one matches */
                multiplevaluematching?: components["parameters"]["multiplevaluematching"];
            };
            header?: never;
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Count"];
            400: components["responses"]["Problem"];
            406: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    countInstancesOfSeries: {
        parameters: {
            query?: {
                /** @description Media ranges as in the Accept header, which it overrules (PS3.18 §8.3.3.1) */
                accept?: components["parameters"]["accept"];
                /** @description Acceptable character sets; answers are always UTF-8 (PS3.18 §8.3.3.2) */
                charset?: components["parameters"]["charset"];
                /** @description Match person names by the beginnings of their words */
                fuzzymatching?: components["parameters"]["fuzzymatching"];
                /** @description An empty key matches absent and empty values instead of everything */
                emptyvaluematching?: components["parameters"]["emptyvaluematching"];
                /** @description A key may list several values of which any one matches */
                multiplevaluematching?: components["parameters"]["multiplevaluematching"];
            };
            header?: never;
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
                /** @description Series Instance UID */
                series: components["parameters"]["series"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Count"];
            400: components["responses"]["Problem"];
            406: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    readChangeFeed: {
        parameters: {
            query?: {
                /** @description Media ranges as in the Accept header, which it overrules (PS3.18 §8.3.3.1) */
                accept?: components["parameters"]["accept"];
                /** @description Last sequence seen; with startTime, changes of the time span to pass over */
                offset?: number;
                /** @description Most changes to answer; not for streams */
                limit?: number;
                /** @description Changes from this moment on (ISO 8601, UTC where it has no offset) */
                startTime?: string;
                /** @description Changes before this moment; not for streams */
                endTime?: string;
                /** @description Whether changes bring the metadata that the instance has now; true unless given */
                includemetadata?: components["parameters"]["includemetadata"];
            };
            header?: {
                /** @description Of streams, the last sequence seen; wins over offset */
                "Last-Event-ID"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Changes"];
            400: components["responses"]["Problem"];
            406: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    readLatestChange: {
        parameters: {
            query?: {
                /** @description Media ranges as in the Accept header, which it overrules (PS3.18 §8.3.3.1) */
                accept?: components["parameters"]["accept"];
                /** @description Whether changes bring the metadata that the instance has now; true unless given */
                includemetadata?: components["parameters"]["includemetadata"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["LatestChange"];
            /** @description Nothing has happened yet */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            406: components["responses"]["Problem"];
        };
    };
    listExtendedQueryTags: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["ExtendedQueryTags"];
        };
    };
    addExtendedQueryTags: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["NewExtendedQueryTag"][];
                "*/*": components["schemas"]["Binary"];
            };
        };
        responses: {
            202: components["responses"]["OperationReference"];
            400: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
        };
    };
    getExtendedQueryTag: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tag or keyword */
                tagPath: components["parameters"]["tagPath"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["ExtendedQueryTag"];
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
        };
    };
    deleteExtendedQueryTag: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tag or keyword */
                tagPath: components["parameters"]["tagPath"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
        };
    };
    updateExtendedQueryTag: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tag or keyword */
                tagPath: components["parameters"]["tagPath"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @enum {string} */
                    QueryStatus?: "Enabled" | "Disabled";
                };
                "*/*": components["schemas"]["Binary"];
            };
        };
        responses: {
            200: components["responses"]["ExtendedQueryTag"];
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
        };
    };
    listExtendedQueryTagErrors: {
        parameters: {
            query?: {
                /** @description 100 unless given */
                limit?: number;
                offset?: number;
            };
            header?: never;
            path: {
                /** @description Tag or keyword */
                tagPath: components["parameters"]["tagPath"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["ExtendedQueryTagErrors"];
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
        };
    };
    getOperation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                operation: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Operation"];
            202: components["responses"]["Operation"];
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
        };
    };
    retrieveByUri: {
        parameters: {
            query: {
                requestType: "WADO";
                studyUID: components["schemas"]["Uid"];
                seriesUID: components["schemas"]["Uid"];
                objectUID: components["schemas"]["Uid"];
                /** @description Media ranges as in the Accept header, which it overrules (PS3.18 §8.3.3.1) */
                accept?: components["parameters"]["accept"];
                /** @description Acceptable character sets; answers are always UTF-8 (PS3.18 §8.3.3.2) */
                charset?: components["parameters"]["charset"];
                /** @description Media types, separated by commas, the preferred one first (PS3.18 §9.1.2.2) */
                contentType?: string;
                /** @description Of `application/dicom` only; `*` is the one that the instance is stored in, as dicomweb-client asks for it */
                transferSyntax?: string;
                /** @description Of `application/dicom` only; by the Basic Profile of PS3.15 Annex E, 406 for what cannot be cleaned */
                anonymize?: "yes";
                /** @description Text that is burned in: `patient`, `technique` or both; 406 where the picture is too small for it (PS3.18 §8.3.5.1.1) */
                annotation?: components["parameters"]["annotation"];
                /** @description A colour profile to embed: `yes` is that of the image, or sRGB; to the others the colours are converted; JPEG and PNG only (PS3.18 §8.3.5.1.5) */
                iccprofile?: components["parameters"]["iccprofile"];
                /** @description Most rows of the picture, pixels */
                rows?: number;
                /** @description Most columns of the picture, pixels */
                columns?: number;
                /** @description `xmin,ymin,xmax,ymax` from 0.0 (left, top) to 1.0 (right, bottom) */
                region?: string;
                /** @description Goes with windowWidth */
                windowCenter?: string;
                /** @description Goes with windowCenter */
                windowWidth?: string;
                /** @description From 1 */
                frameNumber?: number;
                /** @description Quality of a lossy picture */
                imageQuality?: number;
                /** @description Goes with presentationUID */
                presentationSeriesUID?: components["schemas"]["Uid"];
                /** @description A Grayscale or Color Softcopy Presentation State of the same study that is applied; goes with presentationSeriesUID */
                presentationUID?: components["schemas"]["Uid"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["ByUri"];
            206: components["responses"]["Media"];
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            406: components["responses"]["Problem"];
            410: components["responses"]["Problem"];
            416: components["responses"]["Problem"];
        };
    };
    listPeers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Peers"];
        };
    };
    addPeer: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: components["requestBodies"]["NewPeer"];
        responses: {
            201: components["responses"]["NewPeer"];
            400: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
        };
    };
    getPeer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                aeTitle: components["parameters"]["aeTitle"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Peer"];
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
        };
    };
    putPeer: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the peer that is changed: 412 if somebody else was quicker or has removed it. Without one, whatever is there is replaced */
                "If-Match"?: components["parameters"]["peerIfMatch"];
            };
            path: {
                aeTitle: components["parameters"]["aeTitle"];
            };
            cookie?: never;
        };
        requestBody: components["requestBodies"]["PeerProperties"];
        responses: {
            200: components["responses"]["Peer"];
            201: components["responses"]["NewPeer"];
            400: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            412: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
        };
    };
    deletePeer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                aeTitle: components["parameters"]["aeTitle"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Forgotten */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
        };
    };
    listPeerChanges: {
        parameters: {
            query?: {
                limit?: components["parameters"]["pageLimit"];
                offset?: components["parameters"]["pageOffset"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Changes */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["PeerChange"][];
                        total: number;
                        /** @description `offset` of the next page */
                        next?: string;
                    };
                };
            };
            400: components["responses"]["Problem"];
        };
    };
    echoPeer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                aeTitle: components["parameters"]["aeTitle"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["PeerEcho"];
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
        };
    };
    getStatus: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The state of the node that is asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Status"];
                };
            };
        };
    };
    followEvents: {
        parameters: {
            query?: {
                /** @description As the header `Last-Event-ID`, for who opens a stream anew: only what happened since, whatever `recent` says */
                after?: string;
                /** @description Past events to begin with */
                recent?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Events, for as long as the client stays */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["HouseEvent"];
                };
            };
            400: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    listImages: {
        parameters: {
            query?: {
                /** @description Not before; a date (its begin) or a moment (RFC 3339), without an offset in UTC. Of when the first of it came */
                from?: components["parameters"]["arrivedFrom"];
                /** @description Not after; a date (to its end) or a moment */
                till?: components["parameters"]["arrivedTill"];
                /** @description Words that all occur in the texts of a row, in any case; a whole UID finds what has it */
                text?: components["parameters"]["freeText"];
                limit?: components["parameters"]["pageLimit"];
                /** @description Matches to pass over */
                offset?: components["parameters"]["offset"];
                /** @description Patient ID, exactly */
                patient?: components["parameters"]["ofPatient"];
                /** @description Issuer of Patient ID, exactly; empty for none */
                issuer?: components["parameters"]["ofIssuer"];
                /** @description Study Instance UID */
                study?: components["parameters"]["ofStudy"];
                /** @description Series Instance UID */
                series?: components["parameters"]["ofSeries"];
                modality?: components["parameters"]["ofModality"];
                /** @description As which the sender called */
                callingAeTitle?: components["parameters"]["fromAeTitle"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["ImageTable"];
            400: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    listSeries: {
        parameters: {
            query?: {
                /** @description Not before; a date (its begin) or a moment (RFC 3339), without an offset in UTC. Of when the first of it came */
                from?: components["parameters"]["arrivedFrom"];
                /** @description Not after; a date (to its end) or a moment */
                till?: components["parameters"]["arrivedTill"];
                /** @description Words that all occur in the texts of a row, in any case; a whole UID finds what has it */
                text?: components["parameters"]["freeText"];
                limit?: components["parameters"]["pageLimit"];
                /** @description Matches to pass over */
                offset?: components["parameters"]["offset"];
                /** @description Patient ID, exactly */
                patient?: components["parameters"]["ofPatient"];
                /** @description Issuer of Patient ID, exactly; empty for none */
                issuer?: components["parameters"]["ofIssuer"];
                /** @description Study Instance UID */
                study?: components["parameters"]["ofStudy"];
                modality?: components["parameters"]["ofModality"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["SeriesTable"];
            400: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    listStudies: {
        parameters: {
            query?: {
                /** @description Not before; a date (its begin) or a moment (RFC 3339), without an offset in UTC. Of when the first of it came */
                from?: components["parameters"]["arrivedFrom"];
                /** @description Not after; a date (to its end) or a moment */
                till?: components["parameters"]["arrivedTill"];
                /** @description Words that all occur in the texts of a row, in any case; a whole UID finds what has it */
                text?: components["parameters"]["freeText"];
                limit?: components["parameters"]["pageLimit"];
                /** @description Matches to pass over */
                offset?: components["parameters"]["offset"];
                /** @description Patient ID, exactly */
                patient?: components["parameters"]["ofPatient"];
                /** @description Issuer of Patient ID, exactly; empty for none */
                issuer?: components["parameters"]["ofIssuer"];
                modality?: components["parameters"]["ofModality"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["StudyTable"];
            400: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    listPatients: {
        parameters: {
            query?: {
                /** @description Not before; a date (its begin) or a moment (RFC 3339), without an offset in UTC. Of when the first of it came */
                from?: components["parameters"]["arrivedFrom"];
                /** @description Not after; a date (to its end) or a moment */
                till?: components["parameters"]["arrivedTill"];
                /** @description Words that all occur in the texts of a row, in any case; a whole UID finds what has it */
                text?: components["parameters"]["freeText"];
                limit?: components["parameters"]["pageLimit"];
                /** @description Matches to pass over */
                offset?: components["parameters"]["offset"];
                sex?: components["parameters"]["ofSex"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["PatientTable"];
            400: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    getImage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description SOP Instance UID */
                instance: components["parameters"]["instance"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What is here */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImageRow"];
                };
            };
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
        };
    };
    getSeries: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Series Instance UID */
                series: components["parameters"]["series"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What is here */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SeriesRow"];
                };
            };
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
        };
    };
    getStudy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Study Instance UID */
                study: components["parameters"]["study"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What is here */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StudyRow"];
                };
            };
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
        };
    };
    getConfiguration: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Configuration"];
        };
    };
    putConfiguration: {
        parameters: {
            query?: {
                /** @description Why, for those who come later */
                comment?: components["parameters"]["comment"];
            };
            header?: {
                /** @description The `ETag` of the configuration that is replaced: 412 if somebody else was quicker. Without one: 428 */
                "If-Match"?: components["parameters"]["ifMatch"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Configuration"];
            };
        };
        responses: {
            200: components["responses"]["Configuration"];
            400: components["responses"]["Problem"];
            412: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
            428: components["responses"]["Problem"];
        };
    };
    listConfigurationVersions: {
        parameters: {
            query?: {
                limit?: components["parameters"]["pageLimit"];
                offset?: components["parameters"]["pageOffset"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Versions */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConfigurationVersions"];
                };
            };
            400: components["responses"]["Problem"];
        };
    };
    getConfigurationVersion: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                version: components["parameters"]["version"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A version */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConfigurationVersion"] & {
                        configuration: components["schemas"]["Configuration"];
                    };
                };
            };
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
        };
    };
    restoreConfigurationVersion: {
        parameters: {
            query?: {
                /** @description Why, for those who come later */
                comment?: components["parameters"]["comment"];
            };
            header?: {
                /** @description The `ETag` of the configuration that is replaced: 412 if somebody else was quicker */
                "If-Match"?: components["parameters"]["ifMatchOptional"];
            };
            path: {
                version: components["parameters"]["version"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Configuration"];
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            412: components["responses"]["Problem"];
        };
    };
    exportConfiguration: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A file */
            200: {
                headers: {
                    "Content-Disposition"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConfigurationFile"];
                };
            };
        };
    };
    importConfiguration: {
        parameters: {
            query?: {
                /** @description `replace`: peers that are called otherwise here are changed to what the file says */
                peers?: "replace";
                /** @description Why, for those who come later */
                comment?: components["parameters"]["comment"];
            };
            header?: {
                /** @description The `ETag` of the configuration that is replaced: 412 if somebody else was quicker */
                "If-Match"?: components["parameters"]["ifMatchOptional"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConfigurationFile"];
            };
        };
        responses: {
            /** @description Imported; `ETag` is the new version */
            200: {
                headers: {
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        configuration: components["schemas"]["Configuration"];
                        /** @description JSON Pointers (RFC 6901) to secrets that were set where the file comes from and are to be given here; those that begin with `/peers` into the file */
                        missingSecrets: string[];
                        /** @description With `peers=replace`: those that could not be changed and are called as before, although the rest was imported; absent if there are none */
                        unchangedPeers?: {
                            aeTitle: string;
                            /** @description Why */
                            message: string;
                        }[];
                    };
                };
            };
            400: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            412: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
        };
    };
    checkFilter: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    expression: string;
                };
            };
        };
        responses: {
            /** @description Whether it is, and where it stops to be one */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FilterCheck"];
                };
            };
            400: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
        };
    };
    tryFilter: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    expression: components["schemas"]["FilterExpression"];
                    /**
                     * @description Narrow the site's filter as that of a publisher does
                     * @default false
                     */
                    alsoSiteFilter?: boolean;
                    /** @description Narrow this instead of the site's filter that is saved: one that is still drafted */
                    siteExpression?: string;
                    /**
                     * Format: date-time
                     * @description Stored at this time or later
                     */
                    from?: string;
                    /**
                     * Format: date-time
                     * @description Stored before this time
                     */
                    till?: string;
                    /**
                     * @description Studies to look at, the newest first
                     * @default 100
                     */
                    limit?: number;
                };
            };
        };
        responses: {
            /** @description Studies that were looked at */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FilterTrial"];
                };
            };
            400: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
        };
    };
    listFilterAttributes: {
        parameters: {
            query?: {
                /** @description Those whose keyword, name or tag has this in it; keywords that begin with it first */
                text?: string;
                limit?: components["parameters"]["pageLimit"];
                offset?: components["parameters"]["pageOffset"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Names */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["FilterAttribute"][];
                        total: number;
                        next?: string;
                    };
                };
            };
            400: components["responses"]["Problem"];
        };
    };
    testPublisher: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: components["requestBodies"]["PublisherTest"];
        responses: {
            200: components["responses"]["ConnectionTest"];
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
        };
    };
    listGraphs: {
        parameters: {
            query?: {
                /** @description Its name */
                publisher?: components["parameters"]["ofPublisher"];
                status?: components["parameters"]["withStatus"];
                /** @description Study Instance UID */
                study?: components["parameters"]["ofStudy"];
                /** @description Series Instance UID */
                series?: components["parameters"]["ofSeries"];
                /** @description What id, publisher, UIDs or failure have in them, in any case */
                text?: components["parameters"]["publishingText"];
                /** @description Created not before; a date (its begin) or a moment (RFC 3339), without an offset in UTC */
                from?: components["parameters"]["createdFrom"];
                /** @description Created not after; a date (to its end) or a moment */
                till?: components["parameters"]["createdTill"];
                order?: components["parameters"]["pageOrder"];
                limit?: components["parameters"]["pageLimit"];
                offset?: components["parameters"]["pageOffset"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Graphs */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PublishingGraphs"];
                };
            };
            400: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    startReplay: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewReplay"];
            };
        };
        responses: {
            /** @description Begun; `Location` tells how far it is */
            202: {
                headers: {
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Replay"];
                };
            };
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
        };
    };
    getReplay: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                replay: components["parameters"]["replay"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A replay */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Replay"];
                };
            };
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
        };
    };
    getGraph: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                graph: components["parameters"]["graph"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A graph */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PublishingGraphWithTasks"];
                };
            };
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
        };
    };
    retryGraph: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                graph: components["parameters"]["graph"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Begun */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PublishingGraphWithTasks"];
                };
            };
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
        };
    };
    listTasks: {
        parameters: {
            query?: {
                /** @description Its name */
                publisher?: components["parameters"]["ofPublisher"];
                status?: components["parameters"]["withStatus"];
                type?: components["parameters"]["ofTaskType"];
                graph?: components["parameters"]["ofGraph"];
                /** @description Study Instance UID */
                study?: components["parameters"]["ofStudy"];
                /** @description Series Instance UID */
                series?: components["parameters"]["ofSeries"];
                /** @description What id, publisher, UIDs or failure have in them, in any case */
                text?: components["parameters"]["publishingText"];
                /** @description Created not before; a date (its begin) or a moment (RFC 3339), without an offset in UTC */
                from?: components["parameters"]["createdFrom"];
                /** @description Created not after; a date (to its end) or a moment */
                till?: components["parameters"]["createdTill"];
                order?: components["parameters"]["pageOrder"];
                limit?: components["parameters"]["pageLimit"];
                offset?: components["parameters"]["pageOffset"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Tasks */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PublishingTasks"];
                };
            };
            400: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    getTask: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                task: components["parameters"]["task"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A task */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PublishingTask"];
                };
            };
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
        };
    };
    retryTask: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                task: components["parameters"]["task"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Begun */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PublishingTask"];
                };
            };
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
        };
    };
    sendNow: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    publisher: components["schemas"]["ConfigurationName"];
                    study: components["schemas"]["Uid"];
                    series?: components["schemas"]["Uid"];
                    instance?: components["schemas"]["Uid"];
                };
            };
        };
        responses: {
            /** @description Begun; `Location` is the graph */
            202: {
                headers: {
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PublishingGraph"];
                };
            };
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            410: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
        };
    };
    listDeliveries: {
        parameters: {
            query: {
                /** @description Study Instance UID */
                study: components["parameters"]["theStudy"];
                /** @description Its name */
                publisher?: components["parameters"]["ofPublisher"];
                /** @description Series Instance UID: `items` are those of the series; numbers stay those of the study */
                series?: components["schemas"]["Uid"];
                /** @description SOP Instance UID, likewise */
                instance?: components["schemas"]["Uid"];
                limit?: components["parameters"]["pageLimit"];
                offset?: components["parameters"]["pageOffset"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deliveries of the study */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Deliveries"];
                };
            };
            400: components["responses"]["Problem"];
        };
    };
    listResults: {
        parameters: {
            query?: {
                graph?: components["parameters"]["ofGraph"];
                /** @description Study Instance UID */
                study?: components["parameters"]["ofStudy"];
                limit?: components["parameters"]["pageLimit"];
                offset?: components["parameters"]["pageOffset"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Results, the first first: of the graph if one is named, and else of all graphs of the study */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PublishingResults"];
                };
            };
            400: components["responses"]["Problem"];
        };
    };
    whyNotSent: {
        parameters: {
            query: {
                /** @description Study Instance UID */
                study: components["parameters"]["theStudy"];
                /** @description Its name */
                publisher: components["parameters"]["thePublisher"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Where it is, and why */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WhyNot"];
                };
            };
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
        };
    };
    listWorklist: {
        parameters: {
            query?: {
                /** @description An id, of the last item of the page before */
                after?: components["schemas"]["WorklistItemId"];
                /** @description Most items to answer; 100 unless given */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Worklist"];
            400: components["responses"]["Problem"];
        };
    };
    addWorklistItem: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: components["requestBodies"]["WorklistItem"];
        responses: {
            201: components["responses"]["NewWorklistItem"];
            400: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
        };
    };
    getWorklistItem: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                item: components["schemas"]["WorklistItemId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["WorklistItem"];
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
        };
    };
    putWorklistItem: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                item: components["schemas"]["WorklistItemId"];
            };
            cookie?: never;
        };
        requestBody: components["requestBodies"]["WorklistItem"];
        responses: {
            200: components["responses"]["WorklistItem"];
            201: components["responses"]["NewWorklistItem"];
            400: components["responses"]["Problem"];
            413: components["responses"]["Problem"];
            415: components["responses"]["Problem"];
        };
    };
    deleteWorklistItem: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                item: components["schemas"]["WorklistItemId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Removed */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
        };
    };
    live: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Health"];
        };
    };
    ready: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Health"];
            503: components["responses"]["Health"];
        };
    };
    metrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Metrics */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
        };
    };
}
