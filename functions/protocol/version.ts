/**
 * The version of messages and answers together. A test pins the hash of their schemas: whoever changes them raises this.
 * Session server and bus are deployed one after the other, so for a while each may meet the other's earlier version.
 */
export const protocolVersion = 3;
