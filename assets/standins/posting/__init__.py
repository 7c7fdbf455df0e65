"""Crews that foreign employers send: who is where and when, and the papers about it.

Belongs here: postings, their notifications and A1 certificates. Does not belong here: the foreign firms (`economy`).
"""
