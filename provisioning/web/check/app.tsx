import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import type { BuyerClient } from "../../registry/clients/buyer-client.ts";
import { CertificateCheck } from "./certificate-check.tsx";
import { certificateIn } from "./certificate-number.ts";
import { HandCheck } from "./hand-check.tsx";
import { ImeiCheck } from "./imei-check.tsx";

interface AppProps {
	readonly openClient: () => Promise<BuyerClient>;
}

/** What a buyer can ask. A paper's QR code opens the page with its certificate, which then comes first. */
export function App({ openClient }: AppProps) {
	const { t } = useTranslation();
	const [financedImei, setFinancedImei] = useState<string>();
	const [paper, setPaper] = useState(() => certificateIn(location.hash));
	useEffect(() => {
		const follow = () => {
			const number = certificateIn(location.hash);
			if (number !== "") setPaper(number);
		};
		addEventListener("hashchange", follow);
		return () => removeEventListener("hashchange", follow);
	}, []);
	const certificate = (
		<CertificateCheck
			key={`certificate-${paper}`}
			paper={paper}
			onAsk={async (number) => (await openClient()).certificate(number)}
		/>
	);
	return (
		<>
			<p>{t("intro")}</p>
			{paper !== "" && certificate}
			<ImeiCheck onAsk={async (imei) => (await openClient()).imeiStatus(imei)} onFinanced={setFinancedImei} />
			{financedImei !== undefined && (
				<HandCheck key={financedImei} onAsk={async (digits) => (await openClient()).possession(financedImei, digits)} />
			)}
			{paper === "" && certificate}
		</>
	);
}
