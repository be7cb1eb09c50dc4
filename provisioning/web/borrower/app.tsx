import { useEffect, useState } from "react";
import type { BorrowerView } from "../../registry/borrower/borrower-request.ts";
import type { BorrowerClient, SignedInBorrower } from "../../registry/clients/borrower-client.ts";
import { contractIn } from "./contract-in-address.ts";
import { ContractPage } from "./contract-page.tsx";
import { SignIn } from "./sign-in.tsx";

/** Why nobody is signed in, where somebody was. */
export type WhyOut = "left" | "timeOver" | "notSignedIn";

interface AppProps {
	readonly firstContract: string;
	readonly openClient: () => Promise<BorrowerClient>;
}

interface Opened {
	readonly borrower: SignedInBorrower;
	readonly view: BorrowerView;
}

/** Either the form, or a contract. Token and contract stand in this state alone: leaving lets go of both. */
export function App({ firstContract, openClient }: AppProps) {
	const [contractId, setContractId] = useState(firstContract);
	const [opened, setOpened] = useState<Opened>();
	const [whyOut, setWhyOut] = useState<WhyOut>();
	useEffect(() => {
		const follow = () => {
			const number = contractIn(location.hash);
			if (number !== "") setContractId(number);
		};
		addEventListener("hashchange", follow);
		return () => removeEventListener("hashchange", follow);
	}, []);
	if (!opened) {
		return (
			<SignIn
				key={contractId}
				contractId={contractId}
				whyOut={whyOut}
				onSignIn={async (number, code) => {
					const borrower = await (await openClient()).signIn(number, code);
					const view = await borrower.contract();
					setContractId(number);
					setWhyOut(undefined);
					setOpened({ borrower, view });
				}}
			/>
		);
	}
	return (
		<ContractPage
			borrower={opened.borrower}
			firstView={opened.view}
			onOut={(why) => {
				// The page is cleared whether the registry hears of it or not; the token is over in half an hour anyway.
				if (why === "left") opened.borrower.signOut().catch(() => undefined);
				setOpened(undefined);
				setWhyOut(why);
			}}
		/>
	);
}
