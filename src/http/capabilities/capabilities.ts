import type { Request, RequestHandler } from 'express';
import { CausewayError } from '../../kernel/errors.ts';
import { negotiate, type Offer } from '../accept.ts';
import { allowedMethods } from '../allowed-methods.ts';
import { documentedBasePath } from '../base-path.ts';
import type { Operation } from '../exchange.ts';
import { isDecodable } from '../validate-request.ts';
import { type ApiDocument, producedBy } from './api-document.ts';
import { type Resource, resourceAt, resourceTree } from './resource-tree.ts';
import { wadlOf } from './wadl.ts';

const wadl: Offer = { type: 'application/vnd.sun.wadl+xml', packaging: 'single' };
const json: Offer = { type: 'application/json', packaging: 'single' };

/**
 * The Retrieve Capabilities transaction (PS3.18 §8.9) of the service and of each of its resources: as WADL, or the same
 * tree as JSON. Elsewhere OPTIONS answers which methods there are.
 */
export function capabilities(api: ApiDocument): {
  /** Leads OPTIONS of any resource to the one operation of the OpenAPI document. */
  readonly describeResource: RequestHandler;
  readonly retrieveCapabilities: Operation;
} {
  let trees: ResourceTrees | undefined;
  const asked = new WeakMap<Request, Resource>();
  return {
    describeResource(request, response, next) {
      if (request.method !== 'OPTIONS' || !isDecodable(request.path)) {
        next();
        return;
      }
      const { path } = request;
      const isOfService = path === documentedBasePath || path.startsWith(`${documentedBasePath}/`);
      trees ??= resourceTrees(api);
      const resource = isOfService
        ? resourceAt(trees.service, path.slice(documentedBasePath.length))
        : resourceAt(trees.root, path);
      if (resource === undefined) {
        next(new CausewayError('not-found', 'There is no resource with this path.'));
        return;
      }
      response.setHeader('Allow', allowedMethods(resource.methods.map(({ method }) => method)));
      if (!isOfService) {
        response.status(204).end();
        return;
      }
      asked.set(request, resource);
      request.url = request.url.replace(/^[^?]*/, documentedBasePath);
      next();
    },
    async retrieveCapabilities({ request, response, accept, baseUrl }) {
      const resource = asked.get(request);
      if (resource === undefined) throw new CausewayError('internal', 'OPTIONS came to no resource.');
      const offer = negotiate(accept, [wadl, json]);
      const resources = resource.path === '' ? resource.resources : [resource];
      const text =
        offer === wadl
          ? wadlOf(baseUrl, resources)
          : JSON.stringify({ base: `${baseUrl}/`, resources: resources.map(described) });
      response.vary('Accept');
      response.setHeader('Content-Type', offer.type);
      response.end(text);
    },
  };
}

interface ResourceTrees {
  readonly root: Resource;
  /** DICOMweb alone, its paths relative to the base path. */
  readonly service: Resource;
}

function resourceTrees(api: ApiDocument): ResourceTrees {
  // A Capabilities Description does not describe itself (PS3.18 Annex H).
  const root = resourceTree(api.operations.filter(({ operationId }) => operationId !== 'retrieveCapabilities'));
  const service = root.resources.find(({ path }) => `/${path}` === documentedBasePath);
  if (service === undefined) throw new CausewayError('internal', 'The OpenAPI document has no DICOMweb.');
  return { root, service: { ...service, path: '' } };
}

/** A resource as JSON; names are those of WADL where it has them. */
function described({ path, parameters, methods, resources }: Resource): unknown {
  return {
    path,
    parameters,
    methods: methods.map((operation) => ({
      name: operation.method,
      id: operation.operationId,
      summary: operation.summary,
      parameters: operation.parameters.filter((one) => one.in !== 'path'),
      consumes: operation.consumes,
      produces: producedBy(operation),
      responses: operation.responses,
    })),
    resources: resources.map(described),
  };
}
