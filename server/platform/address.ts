import { BlockList, isIP } from 'node:net'

/** Networks of IPv4 that are nobody's on the public internet (IANA's special-purpose registry), and those where clouds answer with their machines' secrets. */
const inside4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const
/** Of IPv6 only 2000::/3 is given out; of that, these lead elsewhere: tunnels that bear an IPv4 address within them, and examples. */
const inside6 = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['2620:4f:8000::', 48],
  ['3fff::', 20],
] as const

const block = new BlockList()
for (const [address, bits] of inside4) block.addSubnet(address, bits, 'ipv4')
for (const [address, bits] of inside6) block.addSubnet(address, bits, 'ipv6')
const given6 = new BlockList()
given6.addSubnet('2000::', 3, 'ipv6')
const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** Which addresses may be called: those of the public internet, those and this machine's own, or all. */
export type Reach = 'public' | 'loopback' | 'any'

/** May this IP address be called? Everything that is no IP address may not. An IPv4 address in the clothes of an IPv6 one (`::ffff:10.0.0.1`) never is public. */
export function isReachable(address: string, reach: Reach): boolean {
  const version = isIP(address)
  if (version === 0) return false
  if (reach === 'any') return true
  const family = version === 4 ? 'ipv4' : 'ipv6'
  if (reach === 'loopback' && loopback.check(address, family)) return true
  return !block.check(address, family) && (version === 4 || given6.check(address, 'ipv6'))
}
