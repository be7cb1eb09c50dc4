import { createContext, useContext, useSyncExternalStore } from "react";

import type { CommandAnswer, StationCommand } from "../../station/command.ts";
import type { SlotView, StationView } from "../../station/view.ts";
import type { Following } from "./follow-station.ts";
import { stationNowMs } from "./page-state.ts";
import type { BulkAct } from "./slot-acts.ts";

/** What a supervisor's badge is asked for. */
export type SupervisorAct =
	| { readonly type: "clear-mismatch"; readonly slot: number }
	| { readonly type: "lift-hold"; readonly contractId: string; readonly slot: number }
	| { readonly type: "type-imei" }
	| { readonly type: "skip-shift-check" };

/** The one dialog that is open. Slots in it are as they were when it opened. */
export type OpenDialog =
	| { readonly kind: "supervisor"; readonly act: SupervisorAct }
	| { readonly kind: "reason"; readonly act: "hold" | "reprint"; readonly contractId: string; readonly slot: number }
	| { readonly kind: "bulk"; readonly act: BulkAct; readonly slots: readonly SlotView[] }
	| { readonly kind: "sign-in" }
	| { readonly kind: "close-batch" };

/** What every part of the page may use. */
export interface Page {
	readonly following: Following;
	readonly view: StationView;
	/** Asks the station, and tells a refusal on the screen. */
	perform(command: StationCommand): Promise<CommandAnswer>;
	open(dialog: OpenDialog): void;
	/** While it is set, scans go to it instead of to the station. Returns how to end that. */
	takeScans(taker: (text: string) => void): () => void;
}

const Context = createContext<Page | undefined>(undefined);
export const PageProvider = Context.Provider;

export function usePage(): Page {
	const page = useContext(Context);
	if (!page) throw new Error("outside of the page");
	return page;
}

const everySecond = (tick: () => void) => {
	const timer = setInterval(tick, 1000);
	return () => clearInterval(timer);
};

/** The station's clock in whole seconds, as milliseconds. */
export function useStationNow(): number {
	const { following } = usePage();
	return useSyncExternalStore(everySecond, () => Math.floor(stationNowMs(following.state(), performance.now()) / 1000) * 1000);
}
