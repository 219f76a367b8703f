import '../../daemon/noDebugger.ts';
import { realMachine } from './realMachine.ts';
import { startUp } from './startUp.ts';

void startUp(realMachine);
