/** What the lender's console asks of the registry: every schema of it. Runs anywhere. */
export * from "./contract-search-request.ts";
export * from "./contract-story-request.ts";
export * from "./fleet-request.ts";
export * from "./order-check-request.ts";
export * from "./payment-feed-request.ts";
export * from "./support-request.ts";
