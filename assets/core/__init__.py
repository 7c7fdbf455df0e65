"""Persons, companies, permits, wages and postings: linked, harmonised, one meaning each."""
