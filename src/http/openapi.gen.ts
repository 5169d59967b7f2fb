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
            /** @description What it may ask of us; everything unless given */
            may?: ("query" | "retrieve" | "store")[];
            /** @description UIDs in which instances are sent to it, the best first; as they are stored, or converted to what it takes, unless given */
            transferSyntaxes?: components["schemas"]["Uid"][];
            /**
             * @description What to do with different content under a SOP Instance UID that is known; as the configuration says unless given
             * @enum {string}
             */
            onDifferentContent?: "reject" | "replace" | "keep";
            /**
             * @description How instances are fetched from it; `auto` is C-GET, and C-MOVE to Causeway where that is not offered
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
        };
        PeerEcho: {
            reached: boolean;
            /** @description Of association and answer together */
            durationMs: number;
            /** @description Why not, for a person */
            error?: string;
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
        Health: {
            /** @enum {string} */
            status: "ok" | "unavailable";
            checks?: {
                [key: string]: {
                    ok: boolean;
                    message?: string;
                };
            };
        };
    };
    responses: {
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
            };
        };
        /** @description Store Instances Response Module (PS3.18 Annex I); every instance sent is in one of its two sequences */
        Stored: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/dicom+json": components["schemas"]["DicomJson"];
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
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Part 10 files as stored; as application/zip a file-set with its DICOMDIR (PS3.10 §8) */
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
                [name: string]: unknown;
            };
            content: {
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
        /** @description A peer */
        Peer: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Peer"];
            };
        };
        /** @description Made known; `Location` is where it is */
        NewPeer: {
            headers: {
                Location?: string;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Peer"];
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
            /** @description No matches, where the server is configured for clients that expect this */
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
            503: components["responses"]["Problem"];
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
            /** @description No matches, where the server is configured for clients that expect this */
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
            /** @description No matches, where the server is configured for clients that expect this */
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
            503: components["responses"]["Problem"];
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
            /** @description No matches, where the server is configured for clients that expect this */
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
            /** @description No matches, where the server is configured for clients that expect this */
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
            /** @description No matches, where the server is configured for clients that expect this */
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
            header?: never;
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
