-- The fingerprint of the key that made the pseudonyms of this warehouse; no row before the first use.
select fingerprint from raw.pseudonym_keys
