import { useCallback, useState } from "react";

import { type Fault, FaultError } from "../../handset/fault.ts";

/** One question to the registry at a time, and what it was refused with. */
export function useCall(): {
	readonly isBusy: boolean;
	readonly fault: Fault | undefined;
	readonly forget: () => void;
	/** Nothing is begun while another one is under way. */
	readonly call: (work: () => Promise<void>) => Promise<void>;
} {
	const [isBusy, setBusy] = useState(false);
	const [fault, setFault] = useState<Fault>();
	const call = useCallback(
		async (work: () => Promise<void>) => {
			if (isBusy) return;
			setFault(undefined);
			setBusy(true);
			try {
				await work();
			} catch (error) {
				if (!(error instanceof FaultError)) throw error;
				setFault(error.fault);
			} finally {
				setBusy(false);
			}
		},
		[isBusy],
	);
	return { isBusy, fault, forget: () => setFault(undefined), call };
}
