import type { Contract } from "../../registry/api.ts";
import type { RegistryAddress } from "../../registry/clients/registry-call.ts";
import { OpenPhone } from "./open-phone.tsx";
import type { ReleaseEnd } from "./phone-jobs.ts";
import { PhoneWork } from "./phone-work.tsx";

interface ReleaseWorkProps {
	readonly address: RegistryAddress;
	readonly contract: Contract;
	readonly onDone: (end: ReleaseEnd) => void;
	readonly onBack: () => void;
}

/** From a phone that may be locked and sealed to one that is free: the same steps as `holdfast release`. */
export function ReleaseWork({ address, contract, onDone, onBack }: ReleaseWorkProps) {
	return (
		<PhoneWork
			name="release"
			contractId={contract.contractId}
			job={(jobs, handset, tools) => jobs.releaseJob(address, contract, handset, tools)}
			onDone={onDone}
			onBack={onBack}
		>
			{contract.enrollment?.state === "sealed" && <OpenPhone address={address} contract={contract} />}
		</PhoneWork>
	);
}
