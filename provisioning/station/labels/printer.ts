/** Where labels come out. */
export interface LabelPrinter {
	/** Whether a label would come out now. Never throws. */
	check(): Promise<PrinterCheck>;
	/**
	 * Prints one label; several at once are printed one after another.
	 *
	 * @returns `confirmed`: the printer said after it that nothing is wrong. Not confirmed: it was sent, and the printer tells nothing.
	 * @throws {FaultError} PRINTER_UNREACHABLE, PRINTER_NOT_READY, or STATION_DISK_FULL. Their detail `label` says whether it was sent.
	 */
	print(zpl: string): Promise<{ readonly confirmed: boolean }>;
}

export interface PrinterCheck {
	readonly ok: boolean;
	/** One sentence: what was seen, and what to do if it is not ok. */
	readonly detail: string;
}
