import { createHmac, hkdfSync } from 'node:crypto'
import type { Config } from '../config.ts'

/** A key that backups are sealed with, and what is derived from it. */
export type BackupKey = {
  /** Tells keys apart without telling anything of them; stands in every backup. */
  fingerprint: string
  /** The key of one file, 32 bytes, by the salt that stands in it. */
  fileKey: (salt: Buffer) => Buffer
  /** The name of a content by its SHA-256: equal contents share one, and nobody without the key can tell which contents are there. */
  nameOf: (sha256: string) => string
}

/** The key derived from a secret (BACKUP_KEY or SECRET_KEY); HKDF with SHA-256, RFC 5869. */
export function backupKeyOf(secret: string): BackupKey {
  const master = Buffer.from(hkdfSync('sha256', secret, 'banister', 'backup', 32))
  return {
    fingerprint: createHmac('sha256', master).update('fingerprint').digest('hex').slice(0, 16),
    fileKey: (salt) => Buffer.from(hkdfSync('sha256', master, salt, 'backup file', 32)),
    nameOf: (sha256) => createHmac('sha256', master).update(`content ${sha256}`).digest('hex'),
  }
}

/** The key that new backups are sealed with comes first: BACKUP_KEY, else SECRET_KEY; then those that older ones may have been sealed with. */
export function backupKeysOf(config: Config): [BackupKey, ...BackupKey[]] {
  const { BACKUP_KEY, BACKUP_KEY_PREVIOUS, SECRET_KEY, SECRET_KEY_PREVIOUS } = config
  const others = [BACKUP_KEY_PREVIOUS, SECRET_KEY, SECRET_KEY_PREVIOUS].filter((secret) => secret !== null)
  return [backupKeyOf(BACKUP_KEY ?? SECRET_KEY), ...others.map(backupKeyOf)]
}
