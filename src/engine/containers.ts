import { type ContainerDetail, type Engine, EngineError } from '../model/engine.ts';
import { detailOf, type InspectedContainer, type ListedContainer, summaryOf } from './containerView.ts';
import { answerDeadlineMs } from './deadline.ts';
import { readTraits } from './nodeTraits.ts';
import { wireOf } from './pilotSpec.ts';
import { parseAnswer, type Session } from './session.ts';
import { pathOf } from './wire.ts';

/** The calls that look at containers, and the one that makes them. */
export function createContainers(
  session: Session,
  onWarning: (text: string) => void,
): Pick<Engine, 'list' | 'inspect' | 'create'> {
  return {
    list: (filter, signal) =>
      session.ask('list containers', answerDeadlineMs, signal, async (wire, deadline, asked) => {
        const prefix = filter.namePrefix ?? '';
        const filters = {
          ...(filter.labels === undefined ? {} : { label: filter.labels }),
          // Docker matches names with and without their slash, Podman without.
          ...(prefix === '' ? {} : { name: [`^/?${prefix.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`] }),
        };
        const query = { all: '1', filters: JSON.stringify(filters) };
        const request = { method: 'GET', path: '/containers/json', query } as const;
        const answer = await wire.send(request, asked, deadline.signal);
        return (parseAnswer(answer, asked) as ListedContainer[])
          .map(summaryOf)
          .filter((container) => container.name.startsWith(prefix));
      }),

    inspect: (id, signal) => inspectContainer(session, id, signal),

    create: async (spec, signal) => {
      const info = session.info() ?? (await session.connect(signal));
      const { body, warnings } = wireOf(spec, info, readTraits(spec.kind, info));
      warnings.forEach(onWarning);
      const what = `create container ${spec.name} of image ${spec.kind.image}`;
      return session.ask(what, answerDeadlineMs, signal, async (wire, deadline, asked) => {
        const path = '/containers/create';
        const request = { method: 'POST', path, query: { name: spec.name }, body } as const;
        const answer = await wire.send(request, asked, deadline.signal).catch(asConflict);
        return (parseAnswer(answer, asked) as { readonly Id: string }).Id;
      });
    },
  };
}

/** Podman answers 500 where Docker answers 409: only its words tell that the name is taken. */
function asConflict(thrown: unknown): never {
  const isTaken = thrown instanceof EngineError && /name .*already in use/i.test(thrown.message);
  throw isTaken ? new EngineError('conflict', thrown.message, { cause: thrown }) : thrown;
}

/** What the engine says of one container. */
export function inspectContainer(
  session: Session,
  id: string,
  signal: AbortSignal,
): Promise<ContainerDetail> {
  const what = `inspect container ${id}`;
  return session.ask(what, answerDeadlineMs, signal, async (wire, deadline, asked) => {
    const path = pathOf('containers', id, 'json');
    const answer = await wire.send({ method: 'GET', path }, asked, deadline.signal);
    return detailOf(parseAnswer(answer, asked) as InspectedContainer);
  });
}
