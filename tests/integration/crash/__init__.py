"""What is left when a process is killed at any step of its work, and does the next one finish it?"""
