import {
  type ContainerDetail,
  type Engine,
  EngineError,
  type EngineInfo,
  type PilotSpec,
} from '../model/engine.ts';
import { detailOf, type InspectedContainer, type ListedContainer, summaryOf } from './containerView.ts';
import { answerDeadlineMs } from './deadline.ts';
import { oneLine } from './faults.ts';
import { readTraits } from './nodeTraits.ts';
import { wireOf } from './pilotSpec.ts';
import { parseAnswer, type Session } from './session.ts';
import { pathOf } from './wire.ts';

/** What is used of the answer to `POST /containers/create`. */
interface CreateAnswer {
  readonly Id: string;
  readonly Warnings?: readonly string[] | null;
}

/** The calls that look at containers, and the one that makes them. */
export function createContainers(
  session: Session,
  onWarning: (text: string) => void,
): Pick<Engine, 'list' | 'inspect' | 'create'> {
  /** The Podman that turned out to have no init program, as it was when it was connected to. */
  let withoutInit: EngineInfo | null = null;

  const make = async (spec: PilotSpec, info: EngineInfo, signal: AbortSignal): Promise<string> => {
    // Podman does not tell whether it has an init program: it is asked for, and done without where there is none.
    const triesInit = info.product === 'podman' && info !== withoutInit;
    const asIfTold = { ...info, hasInit: info.hasInit || triesInit };
    const { body, warnings } = wireOf(spec, asIfTold, readTraits([...spec.kind.binds, ...spec.binds], info));
    const what = `create container ${spec.name} of image ${spec.kind.image}`;
    try {
      const made = await session.ask(what, answerDeadlineMs, signal, async (wire, deadline, asked) => {
        const path = '/containers/create';
        const request = { method: 'POST', path, query: { name: spec.name }, body } as const;
        const answer = await wire.send(request, asked, deadline.signal).catch(asConflict);
        return parseAnswer(answer, asked) as CreateAnswer;
      });
      warnings.forEach(onWarning);
      (made.Warnings ?? []).forEach((text) => onWarning(`the engine warns: ${oneLine(text)}`));
      return made.Id;
    } catch (thrown) {
      if (!triesInit || !lacksInit(thrown)) throw thrown;
      withoutInit = info;
      return make(spec, info, signal);
    }
  };

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

    create: async (spec, signal) => make(spec, session.info() ?? (await session.connect(signal)), signal),
  };
}

/** Podman answers 500 where Docker answers 409: only its words tell that the name is taken. */
function asConflict(thrown: unknown): never {
  const isTaken = thrown instanceof EngineError && /name .*already in use/i.test(thrown.message);
  throw isTaken ? new EngineError('conflict', thrown.message, { cause: thrown }) : thrown;
}

/** Podman's words, of 4 and of 5: it has no init program where it looks for one. */
function lacksInit(thrown: unknown): boolean {
  return thrown instanceof EngineError && /\binit binary\b/i.test(thrown.message);
}

/** What the engine says of one container. */
export async function inspectContainer(
  session: Session,
  id: string,
  signal: AbortSignal,
): Promise<ContainerDetail> {
  const inspected = await askOf(session, id, `inspect container ${id}`, signal);
  return detailOf(inspected, session.info()?.local === true);
}

/** What the engine says of one container, in its own words; `what` follows the word "cannot". */
export function askOf(
  session: Session,
  id: string,
  what: string,
  signal: AbortSignal,
): Promise<InspectedContainer> {
  return session.ask(what, answerDeadlineMs, signal, async (wire, deadline, asked) => {
    const path = pathOf('containers', id, 'json');
    const answer = await wire.send({ method: 'GET', path }, asked, deadline.signal);
    return parseAnswer(answer, asked) as InspectedContainer;
  });
}
