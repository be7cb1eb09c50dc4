/** The phone's end of the cable: an adbd, whichever. Everything may be called in any state and in any order. */
export interface AdbdLink {
	/** 127.0.0.1; the same for the life of the handset. */
	readonly port: number;
	/** Resolves when it listens. */
	start(): Promise<void>;
	/** The link drops at once; resolves when the port is free again. */
	stop(): Promise<void>;
	/** The link stays up and nothing answers any more. */
	freeze(): void;
	thaw(): void;
	/** Process id, where it has one of its own. */
	readonly pid: number | undefined;
}
