"""Keys, roles and the one dependency that authorises and audits."""
