"""The script that shops put on their pages: `s.js`, plain JavaScript, served as it is.

What it sends is the native body; it stores nothing on the device, and asks it for nothing before consent.
"""
