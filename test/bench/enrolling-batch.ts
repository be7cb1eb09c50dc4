/** Where an enrolling process finds everything: the first line that it reads. */
export interface Places {
	readonly registryUrl: string;
	readonly adminToken: string;
	readonly adbPort: number;
	readonly apkFile: string;
	/** Its own, empty. */
	readonly folder: string;
}

export interface Job {
	readonly contractId: string;
	readonly adbSerial: string;
}

/** Handsets to enrol at once, by the procedure alone. */
export interface ProcedureBatch {
	readonly jobs: readonly Job[];
}

/** Handsets to enrol at once, by a station: they are plugged in, and the manifest says who they are. */
export interface StationBatch {
	readonly batchId: string;
	/** CSV, as a lender would export it. */
	readonly manifest: string;
}

/** Something that took time in an enrolment. Times are milliseconds since the batch began. */
export interface Span {
	/** Which of the batch's jobs. */
	readonly handset: number;
	/** A whole step, one round trip to the phone, or one call to the registry. */
	readonly kind: "step" | "phone" | "registry";
	/** The step that was running. A call that a step leaves running counts to the one in which it ends. */
	readonly step: string;
	readonly name: string;
	readonly startMs: number;
	readonly endMs: number;
}

export interface BatchEnd {
	readonly wallMs: number;
	/** Processor time of the enrolling process alone, user and system. */
	readonly cpuMs: number;
	/** Highest resident memory of the enrolling process during this batch. */
	readonly peakRssKiB: number;
	/** Resident memory at the end of it, and JavaScript's own part. */
	readonly rssKiB: number;
	readonly heapKiB: number;
	readonly faults: readonly string[];
	readonly spans: readonly Span[];
}
