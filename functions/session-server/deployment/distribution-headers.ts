/** The header in which a CloudFront distribution proves that it sent the request. */
export const secretHeader = 'x-leasehold-distribution';

/** The header in which it states the address of the client. */
export const viewerHeader = 'x-leasehold-viewer';

/**
 * The header in which it states the host that the client asked for. API Gateway reserves
 * `x-forwarded-host`.
 */
export const hostHeader = 'x-leasehold-host';
