"""What drives a linked account: leases, runners, visits, hosts, homes."""
