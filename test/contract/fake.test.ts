import { engineContract } from './engineContract.ts';
import { fakeHarness } from './fakeHarness.ts';

engineContract('the fake', fakeHarness);
