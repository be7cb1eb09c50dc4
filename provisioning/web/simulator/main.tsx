import { startPage } from "../frame/start-page.tsx";
import { openSimulatedPhone } from "../simulated-phone/worker-client.ts";
import { Simulator } from "./simulator.tsx";
import { SIMULATOR_WORDS } from "./words.ts";

void startPage({ words: SIMULATOR_WORDS, children: <Simulator client={openSimulatedPhone()} /> });
