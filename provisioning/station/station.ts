import type { CommandAnswer, StationCommand } from "./command.ts";
import type { StationView } from "./view.ts";

/** A station at work, as the page, the terminal and the command line see it. */
export interface Station {
	/** How everything is now. */
	view(): StationView;
	/** Calls back after each change, at most once per turn of the event loop. Returns how to stop it. */
	onChange(listener: () => void): () => void;
	/** Does what a person asks, or says why not. Never throws for a person's mistake; the same command twice is harmless. */
	perform(command: StationCommand): Promise<CommandAnswer>;
	/** Lets the runs under way come to a safe point, says so in the journal, and frees everything. */
	close(): Promise<void>;
}
