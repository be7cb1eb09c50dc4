/** What anybody may ask of the registry about a phone. Exports `createBuyerClient(address): BuyerClient`. Runs in Node and browsers. */
import { Certificate, PossessionAnswer } from "../borrower/borrower-request.ts";
import { ImeiStatus } from "../contracts/imei-status.ts";
import { createRegistryCaller, type RegistryAddress } from "./registry-call.ts";

/** Every method has a deadline, needs no token and changes nothing. @throws {FaultError} from every method. */
export interface BuyerClient {
	/** Whether a phone is financed here. */
	imeiStatus(imei: string): Promise<ImeiStatus>;
	/** Whether the phone in hand is the one with this IMEI. @param requestNumber the eight digits on its screen. */
	possession(imei: string, requestNumber: string): Promise<PossessionAnswer>;
	/** @throws {FaultError} REGISTRY_REFUSED with the reason NOT_FOUND. */
	certificate(certificateId: string): Promise<Certificate>;
}

export function createBuyerClient(address: RegistryAddress): BuyerClient {
	const caller = createRegistryCaller(address);
	return {
		imeiStatus: (imei) => caller.json({ method: "GET", path: `/v1/imei/${encodeURIComponent(imei)}`, answer: ImeiStatus }),
		possession: (imei, requestNumber) =>
			caller.json({ method: "POST", path: "/v1/imei/possession", json: { imei, requestNumber }, answer: PossessionAnswer }),
		certificate: (certificateId) =>
			caller.json({ method: "GET", path: `/v1/certificates/${encodeURIComponent(certificateId)}`, answer: Certificate }),
	};
}
